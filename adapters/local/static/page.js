// The page's own behaviour. Without it the page still shows everything and takes commands.
import { startComposer } from "./composer.js";
import { startForms } from "./forms.js";
import { startLive } from "./live.js";
import { startMarks } from "./marks.js";
import { startThread } from "./thread.js";
import { localiseTimes, reveal, say, scrollTo, scroller } from "./view.js";

const log = document.getElementById("log");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

localiseTimes(document);
startComposer();
startMarks();
startThread(log);
startForms();
startLive(log);
reveal(log.lastElementChild);
// On a phone the channels are a strip, and the current one may stand outside it.
const current = document.querySelector(".channels [aria-current]");
if (current) scrollTo(current.closest("nav"), current);

// Every command, typed or clicked, tells the member's zone: “at 9:00” means their nine o'clock.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb === "post" && zone) event.detail.parameters.zone = zone;
});

let below = 0;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.matches(".earlier")) below = scroller.scrollHeight - scroller.scrollTop;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const { requestConfig, target } = event.detail;
  localiseTimes(document);
  // What the reader looks at stays in its place while older messages come in above it.
  if (target.matches(".earlier")) keepPlace();
  else if (requestConfig.verb === "post" && target === log) {
    document.getElementById("empty")?.remove();
    reveal(log.lastElementChild);
  }
});

function keepPlace() {
  if (below) scroller.scrollTop = scroller.scrollHeight - below;
  below = 0;
}

document.addEventListener("htmx:responseError", (event) => {
  const incident = event.detail.xhr.getResponseHeader("X-Incident");
  say(log, `The command failed (${event.detail.xhr.status}${incident ? `, incident ${incident}` : ""}).`);
});
document.addEventListener("htmx:sendError", () => say(log, "The server cannot be reached. Nothing was sent."));

document.addEventListener("click", (event) => {
  const dismiss = event.target.closest("[data-dismiss]");
  if (!dismiss) return;
  event.preventDefault();
  dismiss.closest("[data-answer]").remove();
  document.getElementById("text").focus();
});

// j and k go from message to message, as in other readers.
document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, dialog")) return;
  const messages = [...log.querySelectorAll(".message")];
  const here = messages.indexOf(document.activeElement.closest(".message"));
  const next = messages[here < 0 ? messages.length - 1 : here + step];
  next?.focus();
  next?.scrollIntoView({ block: "start" });
});

// A picture that does not come leaves no frame behind.
const forget = (picture) => { picture.closest(".card")?.classList.remove("pictured"); picture.remove(); };
document.addEventListener("error", (event) => {
  if (event.target.matches?.(".thumbnail")) forget(event.target);
}, true);
for (const picture of document.querySelectorAll(".thumbnail")) {
  if (picture.complete && !picture.naturalWidth) forget(picture);
}
