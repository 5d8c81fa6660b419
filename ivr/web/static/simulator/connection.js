// One call: one WebSocket to the line. Messages: ivr/web/browser_caller.py.

export class Connection {
  #socket;

  /** dial: the first message. on.event: told each event; on.closed: told when there are no more. */
  constructor(dial, on) {
    const url = new URL("simulator/call", document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => this.send("dial", dial);
    this.#socket.onmessage = (message) => on.event(JSON.parse(message.data));
    this.#socket.onclose = () => on.closed();
  }

  send(word, fields = {}) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ do: word, ...fields }));
  }
}
