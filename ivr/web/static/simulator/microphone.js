// Speech by microphone, where the browser can turn it into words.

import { $ } from "./dom.js";

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;

/** Offer the microphone. said(text): is told what was understood. */
export function microphone(said) {
  const button = $("microphone");
  if (!Recognition) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const recognition = new Recognition();
    recognition.lang = "en-US";
    recognition.onresult = (event) => said(event.results[0][0].transcript);
    recognition.onstart = () => button.classList.add("down");
    recognition.onend = () => button.classList.remove("down");
    recognition.onerror = () => { $("words").placeholder = "The microphone was not understood"; };
    recognition.start();
  });
}
