// Records from the microphone into the form's file field, where the browser can; a file can be chosen in any case.
const by = (id) => document.getElementById(id);
const form = by("new-recording");
const mostSeconds = Number(form?.dataset.mostSeconds);
const mostBytes = Number(form?.dataset.mostBytes);
const KINDS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };
let recorder = null;

if (form && window.MediaRecorder && navigator.mediaDevices) by("microphone").hidden = false;

function tell(text) {
  by("wrong").textContent = text;
}

function keep(chunks, type) {
  const kind = type.split(";")[0];
  const file = new File(chunks, `recording.${KINDS[kind] ?? "webm"}`, { type: kind });
  const files = new DataTransfer();
  files.items.add(file);
  by("recording").files = files.files;
  by("own").src = URL.createObjectURL(file);
  by("own").hidden = false;
}

function measure(stream, began) {
  const context = new AudioContext();
  const ear = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  const timer = setInterval(() => {
    ear.getFloatTimeDomainData(samples);
    by("level").value = Math.max(...samples.map(Math.abs));
    const seconds = (performance.now() - began) / 1000;
    by("elapsed").textContent = `${seconds.toFixed(1)} s`;
    if (seconds >= mostSeconds) recorder?.stop();
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
    by("level").value = 0;
  };
}

async function start() {
  tell("");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { noiseSuppression: false, autoGainControl: false } });
  } catch {
    tell("The microphone cannot be used: the browser has none, or was not allowed to.");
    return;
  }
  const type = Object.keys(KINDS).find((kind) => MediaRecorder.isTypeSupported(kind));
  const chunks = [];
  recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 128000 });
  const quiet = measure(stream, performance.now());
  recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
  recorder.addEventListener("stop", () => {
    quiet();
    stream.getTracks().forEach((track) => track.stop());
    keep(chunks, recorder.mimeType);
    recorder = null;
    pressed(false);
  });
  recorder.start();
  pressed(true);
}

function pressed(on) {
  by("microphone").classList.toggle("on", on);
  by("record").setAttribute("aria-pressed", on);
  by("record").querySelector("span").textContent = on ? "Stop" : "Record";
}

by("record")?.addEventListener("click", () => (recorder ? recorder.stop() : start()));

by("recording")?.addEventListener("change", () => {
  by("own").hidden = true;
  const [file] = by("recording").files;
  tell(file && file.size > mostBytes ? `That file has ${(file.size / 1e6).toFixed(1)} MB; the most is ${mostBytes / 1e6} MB.` : "");
});

form?.addEventListener("submit", (event) => {
  const [file] = by("recording").files;
  if (file && file.size > mostBytes) event.preventDefault();
}, true);
