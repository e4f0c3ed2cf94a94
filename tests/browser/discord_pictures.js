// Draws messages and a modal with discord-components-core; what it has no component for (layouts, modals of labels,
// the head of a forum post) is drawn here, after the same colours. Texts come as runs, read before as Discord reads them.
import "@skyra/discord-components-core";

const LOGO =
  "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 36 36'><rect width='36' height='36' fill='%231f2937'/><path d='M10 10h16M10 16h16M10 22h10' stroke='white' stroke-width='2.4'/></svg>";

// Discord draws emoji as pictures of its own; the fonts of this machine may have none.
const BALLOON =
  "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 36 36'><path d='M18 4C9 4 2 9.500 2 16.500c0 4 2.300 7.500 6 9.800L7 33l7.500-4.200c1.100.2 2.300.2 3.500.2 9 0 16-5.500 16-12.500S27 4 18 4z' fill='%23bdddf4'/><circle cx='11' cy='16.500' r='2.200' fill='%23226699'/><circle cx='18' cy='16.500' r='2.200' fill='%23226699'/><circle cx='25' cy='16.500' r='2.200' fill='%23226699'/></svg>";

const spoken = (child) => {
  if (typeof child !== "string" || !child.includes("💬")) return [child];
  return child.split("💬").flatMap((text, place) => {
    if (!place) return [text];
    const picture = document.createElement("img");
    picture.className = "emoji";
    picture.src = BALLOON;
    return [picture, text];
  });
};

const make = (name, given = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter(Boolean).flatMap(spoken));
  return element;
};

const EMBED = `
  .discord-embed-wrapper { background: var(--raised) !important; border: none !important; min-width: 0; width: 520px }
  .discord-embed-grid { grid-template-columns: auto min-content !important; padding-bottom: .75rem !important }
  .discord-embed-title a { color: var(--link) !important }
  .discord-embed-thumbnail { width: 80px; height: 80px }
  .discord-left-border { border-radius: 4px 0 0 4px }
`;

const run = ({ text, looks, target }) => {
  const wrapped = looks.includes("code") ? make("code", {}, text.replaceAll("`", "")) : text;
  const bold = looks.includes("bold") ? make("strong", {}, wrapped) : wrapped;
  return target ? make("a", { class: "link" }, bold) : bold;
};

// Runs as lines: each is a heading, small print or a paragraph.
const lines = (runs) => {
  const rows = [[]];
  for (const each of runs ?? []) {
    each.text.split("\n").forEach((text, place) => {
      if (place) rows.push([]);
      if (text) rows[rows.length - 1].push({ ...each, text });
    });
  }
  return rows.map((row) => {
    const looks = row[0]?.looks ?? [];
    const kind = looks.includes("heading") ? "heading" : looks.includes("subtext") ? "subtext" : "line";
    return make("div", { class: kind }, row.map(run));
  });
};

const embed = (given, theme) => {
  const fields = (given.fields ?? []).map((each, place) =>
    make("discord-embed-field", { "field-title": each.name, inline: true, "inline-index": place + 1 }, lines(each.value)),
  );
  return make(
    "discord-embed",
    {
      slot: "embeds",
      color: given.color,
      "author-name": given.author,
      "embed-title": given.title,
      url: given.title && given.url,
      thumbnail: given.thumbnail,
      "light-theme": theme === "light",
    },
    given.description && make("discord-embed-description", { slot: "description" }, lines(given.description)),
    fields.length ? make("discord-embed-fields", { slot: "fields" }, fields) : null,
    given.footer && make("discord-embed-footer", { slot: "footer" }, given.footer),
  );
};

const pressed = (given) => {
  if (given.type === 3) return make("div", { class: "menu" }, given.placeholder, make("span", { class: "arrow" }, "⌄"));
  return make("div", { class: "button" }, given.label, given.url ? make("span", { class: "arrow" }, "↗") : null);
};

const row = (given) => make("div", { class: "row" }, given.components.map(pressed));

const component = (given) => {
  if (given.type === 1) return row(given);
  if (given.type === 10) return make("div", { class: "text" }, lines(given.runs));
  if (given.type === 9) {
    const picture = make("img", { class: "thumbnail", src: given.accessory.media.url });
    return make("div", { class: "section" }, make("div", {}, given.components.map(component)), picture);
  }
  const frame = make("div", { class: "frame" }, given.components.map(component));
  frame.style.setProperty("--accent", given.color);
  return frame;
};

const message = (given, theme) => {
  const rows = (given.components ?? []).map(component);
  return make(
    "discord-message",
    {
      author: "Broadsheet",
      avatar: LOGO,
      bot: true,
      timestamp: "Today at 09:00",
      "has-thread": Boolean(given.thread),
      "light-theme": theme === "light",
    },
    lines(given.content),
    (given.embeds ?? []).map((each) => embed(each, theme)),
    make("div", { slot: "components", class: "components" }, rows),
    given.thread &&
      make(
        "discord-thread",
        { slot: "thread", name: given.thread.name, cta: `${given.thread.count} Messages`, "light-theme": theme === "light" },
        "Papers in this thread",
      ),
  );
};

const field = (given) => {
  const inner = given.component;
  const chosen = inner.options?.find((each) => each.default);
  const shown = inner.type === 3 ? (chosen ?? inner.options[0]).label : (inner.value ?? "");
  const kind = inner.type === 3 ? "input choice" : inner.style === 2 ? "input long" : "input";
  return make(
    "div",
    { class: "field" },
    make("div", { class: "label" }, given.label, inner.required ? make("span", { class: "required" }, " *") : null),
    given.description && make("div", { class: "hint" }, given.description),
    make("div", { class: kind }, shown, inner.type === 3 ? make("span", { class: "arrow" }, "⌄") : null),
  );
};

const modal = (given) =>
  make(
    "div",
    { class: "modal" },
    make("div", { class: "bar" }, make("img", { src: LOGO }), make("b", {}, given.title), make("span", {}, "✕")),
    given.components.map(field),
    make("div", { class: "foot" }, make("div", { class: "button" }, "Cancel"), make("div", { class: "button primary" }, "Submit")),
  );

window.draw = (panels, theme) => {
  for (const panel of panels) {
    if (panel.modal) {
      document.getElementById("root").append(modal(panel.modal));
      continue;
    }
    const tags = (panel.tags ?? []).map((each) => make("span", { class: "tag" }, each));
    const head = panel.title && make("div", { class: "post" }, make("div", { class: "tags" }, tags), make("h2", {}, panel.title));
    const drawn = panel.messages.map((each) => message(each, theme));
    const box = make("discord-messages", { "light-theme": theme === "light" }, drawn);
    document.getElementById("root").append(make("div", { class: `panel ${panel.kind ?? ""}` }, head, box));
  }
  // The library draws the embeds of 2022: the colours and corners of today are put into them.
  for (const each of document.querySelectorAll("discord-embed")) {
    each.updateComplete.then(() => each.shadowRoot.append(make("style", {}, EMBED)));
  }
};
