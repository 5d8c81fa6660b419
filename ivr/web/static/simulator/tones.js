// Key tones and ringing, as a telephone makes them.
// Source: ITU-T Q.23 (keys), and the precise tone plan of North America (ringing, busy).

const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";
let context = null;

export function keyTone(key, seconds = 0.14) {
  const at = KEYS.indexOf(key);
  if (at >= 0) sound([ROWS[Math.floor(at / 3)], COLUMNS[at % 3]], [[0, seconds]], 0.12);
}

/** Ring until the returned function is called: two seconds on, four off. */
export function ring() {
  const cadence = Array.from({ length: 20 }, (_, turn) => [turn * 6, 2]);
  return sound([440, 480], cadence, 0.05);
}

export function busy() {
  return sound([480, 620], [[0, 0.5], [1, 0.5], [2, 0.5]], 0.05);
}

function sound(frequencies, bursts, volume) {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume().catch(() => {});
  } catch {
    return () => {}; // A machine without sound still makes calls.
  }
  const gain = context.createGain();
  const now = context.currentTime + 0.01;
  gain.gain.value = 0;
  for (const [start, length] of bursts) {
    // Short ramps, so that tones do not click.
    gain.gain.setValueAtTime(0, now + start);
    gain.gain.linearRampToValueAtTime(volume, now + start + 0.008);
    gain.gain.setValueAtTime(volume, now + start + length - 0.008);
    gain.gain.linearRampToValueAtTime(0, now + start + length);
  }
  gain.connect(context.destination);
  const [lastStart, lastLength] = bursts.at(-1);
  const oscillators = frequencies.map((frequency) => {
    const oscillator = new OscillatorNode(context, { frequency });
    oscillator.connect(gain);
    oscillator.start(now);
    oscillator.stop(now + lastStart + lastLength);
    return oscillator;
  });
  return () => {
    gain.disconnect();
    for (const oscillator of oscillators) oscillator.stop();
  };
}
