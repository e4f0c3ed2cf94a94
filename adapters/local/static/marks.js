// Votes and saved papers. One paper may stand on several cards: all their bars always show the same.

/** What a click answered: kept in the bars as they are, so that the button keeps the keyboard's focus. */
export function startMarks() {
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.target.matches(".marks") || !event.detail.shouldSwap) return;
    const holder = document.createElement("template");
    holder.innerHTML = event.detail.serverResponse;
    const told = holder.content.querySelector(".marks");
    if (!told) return;
    event.detail.shouldSwap = false;
    apply(told.dataset.paper, {
      votes: Number(told.dataset.votes),
      voted: isPressed(told, "vote"),
      saved: isPressed(told, "save"),
    });
  });
}

/** A mark that somebody changed, here or in another window. */
export function takeMark(text) {
  const { paper, votes, mine, voted, saved } = JSON.parse(text);
  apply(paper, mine ? { votes, voted, saved } : { votes });
}

function apply(paper, { votes, voted, saved }) {
  for (const bar of document.querySelectorAll(".marks")) {
    if (bar.dataset.paper !== paper) continue;
    bar.dataset.votes = votes;
    bar.querySelector(".votes").textContent = votes ? short(votes) : "";
    if (voted !== undefined) press(bar, "vote", voted);
    if (saved !== undefined) press(bar, "save", saved).textContent = saved ? "Saved" : "Save";
  }
}

function press(bar, verb, on) {
  const button = bar.querySelector(`[data-verb=${verb}]`);
  button.setAttribute("aria-pressed", String(on));
  button.value = `${on ? "un" : ""}${verb} ${bar.dataset.paper}`;
  return button;
}

const isPressed = (bar, verb) => bar.querySelector(`[data-verb=${verb}]`).getAttribute("aria-pressed") === "true";

function short(number) {
  if (number < 1000) return String(number);
  const thousands = number / 1000;
  return `${thousands < 10 ? thousands.toFixed(1).replace(".0", "") : thousands.toFixed(0)}k`;
}
