// The page as a telephone that can be rung. Messages: ivr/web/standby.py.

const AGAIN_MS = [500, 1000, 2000, 5000, 15000];

export class Standby {
  #address;
  #phone;
  #note;
  #socket = null;
  #number = "";
  #tries = 0;
  #mine = false; // the call that goes on came in here

  /** note(event): shows a text message in the transcript. */
  constructor(address, phone, note) {
    this.#address = address;
    this.#phone = phone;
    this.#note = note;
    this.standby = true;
    this.#connect();
  }

  /** Be rung at this number from now on. */
  at(number) {
    this.#number = number;
    this.send("stand-by", { number });
  }

  send(word, fields = {}) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ do: word, ...fields }));
  }

  #connect() {
    const url = new URL(this.#address, document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => {
      this.#tries = 0;
      this.send("stand-by", { number: this.#number });
    };
    this.#socket.onmessage = (message) => this.#take(JSON.parse(message.data));
    this.#socket.onclose = () => {
      this.#phone.lost();
      this.#mine = false;
      setTimeout(() => this.#connect(), AGAIN_MS[Math.min(this.#tries++, AGAIN_MS.length - 1)]);
    };
  }

  #take(event) {
    if (event.event === "text") this.#note(event);
    else if (event.event === "rung" && this.#phone.inCall) this.send("hang-up");
    else if (event.event === "rung") {
      this.#mine = true;
      this.#phone.ring(event.number, this);
    } else if (this.#mine) {
      this.#phone.incoming(event);
      if (event.event === "ended") this.#mine = false;
    }
  }
}
