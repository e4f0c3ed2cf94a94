// Forms: the dialog, and what a form would do, said while it is filled in.

const WAIT = 350;
const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
const waiting = new WeakMap();
let sent = new Map();
let typedSince = [];

export function startForms() {
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt.matches?.("[data-preview]")) sent = valuesOf(elt);
  });
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    const form = target === body ? body.querySelector("[data-preview]") : null;
    typedSince = form ? [...valuesOf(form)].filter(([name, value]) => sent.get(name) !== value) : [];
    sent = new Map();
  });
  // Not when it has settled: what is typed in the moments before would go nowhere.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== body) return;
    if (!dialog.open) dialog.showModal();
    const form = body.querySelector("[data-preview]");
    const heading = form?.getAttribute("aria-labelledby");
    if (heading) dialog.setAttribute("aria-labelledby", heading);
    const first = body.querySelector("[aria-invalid]") ?? body.querySelector("input:not([type=hidden]), select");
    first?.focus();
    first?.select?.();
    keep(form, typedSince);
    if (form?.hasAttribute("data-eager")) preview(form);
  });
  document.addEventListener("close-dialog", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close-dialog]")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    body.replaceChildren();
    dialog.removeAttribute("aria-labelledby");
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-preview]");
    if (!form) return;
    event.target.dataset.touched = "";
    later(form);
  });
  const me = document.getElementById("me");
  me?.addEventListener("change", () => me.form.requestSubmit());
}

function valuesOf(form) {
  return new Map([...form.elements].filter((each) => each.name?.startsWith("field.")).map((each) => [each.name, each.value]));
}

// What was typed while the answer was on its way is newer than the answer.
function keep(form, values) {
  for (const [name, value] of values) {
    const field = form?.elements.namedItem(name);
    if (!field) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function later(form) {
  const known = waiting.get(form) ?? {};
  window.clearTimeout(known.timer);
  waiting.set(form, { ...known, timer: window.setTimeout(() => preview(form), WAIT) });
}

async function preview(form) {
  waiting.get(form)?.request?.abort();
  const request = new AbortController();
  waiting.set(form, { request });
  const values = new URLSearchParams(new FormData(form));
  values.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
  try {
    const response = await fetch(form.dataset.preview, {
      method: "POST", body: values, headers: { "HX-Request": "true" }, signal: request.signal,
    });
    if (response.ok) show(form, await response.json());
  } catch {
    // Aborted by newer typing, or the server is away: what is typed stays, and sending it will tell.
  }
}

function show(form, { notes, errors }) {
  const place = form.querySelector(".preview");
  // Said again only when it changed: the region is read out loud.
  if (place.dataset.told !== notes) place.innerHTML = notes;
  place.dataset.told = notes;
  for (const field of form.elements) {
    if (!field.name?.startsWith("field.")) continue;
    // What nobody has filled in yet is not wrong yet.
    const told = field.dataset.touched !== undefined || field.value ? errors[field.name.slice(6)] ?? "" : "";
    const error = document.getElementById(`${field.id}-error`);
    if (error.textContent !== told) error.textContent = told;
    if (told) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}
