// The page's own behaviour. Without it the page still shows everything and takes commands.
import { startComposer } from "./composer.js";
import { startLive } from "./live.js";
import { localiseTimes, reveal, say } from "./view.js";

const log = document.getElementById("log");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

localiseTimes(document);
startComposer();
startLive(log);
reveal(log.lastElementChild);
// On a phone the channels are a strip, and the current one may stand outside it.
document.querySelector(".channels [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Every command, typed or clicked, tells the member's zone: “at 9:00” means their nine o'clock.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb === "post" && zone) event.detail.parameters.zone = zone;
});

document.addEventListener("htmx:afterSwap", (event) => {
  localiseTimes(log);
  if (event.detail.requestConfig.verb !== "post") return;
  document.getElementById("empty")?.remove();
  reveal(log.lastElementChild);
});

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
