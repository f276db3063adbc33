// What the pages do by themselves. Everything here is a convenience: each page works without it.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

// '/' goes to the search field, unless something is being typed.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const field = one("[data-search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// The list below the top bar's field: the combobox pattern of the ARIA practices, focus stays in the field.
for (const form of document.querySelectorAll("[data-combobox]")) {
  const field = one("[role=combobox]", form);
  const list = one("[role=listbox]", form);
  const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
  const chosen = () => one("[aria-selected=true]", list);

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const show = (isShown) => {
    list.hidden = !isShown;
    field.setAttribute("aria-expanded", String(isShown));
    if (!isShown) choose(null);
  };

  list.addEventListener("htmx:afterSwap", () => {
    field.removeAttribute("aria-activedescendant");
    show(field.value.trim() !== "" && list.childElementCount > 0 && form.contains(document.activeElement));
  });
  field.addEventListener("input", () => { if (field.value.trim() === "") show(false); });
  field.addEventListener("focus", () => { if (field.value.trim() !== "" && list.childElementCount) show(true); });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) show(false); });
  // A pointer must not take the focus away before the link has been followed.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      if (list.hidden) show(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      all[at].click();
    }
  });
}

// The page of results: arrow keys go from the field into the list and back.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const field = one("[data-results]");
  const results = field && one(`#${field.dataset.results}`);
  if (!results) return;
  const links = [...results.querySelectorAll("a.result")];
  const at = links.indexOf(document.activeElement);
  if (!links.length || (at < 0 && document.activeElement !== field)) return;
  event.preventDefault();
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  (next < 0 ? field : links[Math.min(next, links.length - 1)]).focus();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
  say(button.textContent);
  setTimeout(() => { button.textContent = before; }, 2000);
});

// A form that is on its way is not sent again.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
  for (const button of event.target.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// Whoever fills in a time has chosen the way that it belongs to.
document.addEventListener("input", (event) => {
  const way = event.target.dataset?.picks && document.getElementById(event.target.dataset.picks);
  if (way) way.checked = true;
});

// htmx keeps the focus on what is still there after a swap. What is gone hands it on to its neighbours, not to nowhere.
let lost = null;
document.addEventListener("htmx:beforeSwap", () => {
  const element = document.activeElement;
  lost = element && element !== document.body ? element.closest("#acts, #live, #run, #sources")?.id : null;
});
document.addEventListener("htmx:afterSettle", () => {
  const place = lost && document.activeElement === document.body && document.getElementById(lost);
  lost = null;
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
});

// What changes by itself is spoken once, when its words change, not at every look.
function say(words) {
  const place = document.getElementById("said");
  if (place && words && place.textContent !== words) place.textContent = words;
}
document.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.elt;
  if (!target.querySelector || target.id === "notice") return;
  const element = target.matches("[data-say]") ? target : one("[data-say]", target);
  if (element) say(element.dataset.say);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const notice = document.getElementById("notice");
  if (notice && event.detail.successful) notice.replaceChildren();
});
document.addEventListener("htmx:sendError", () => {
  const notice = document.getElementById("notice");
  if (!notice || notice.childElementCount) return;
  const note = document.createElement("div");
  note.className = "note warn";
  note.textContent = "Fanlight does not answer. What you see may be old. Try again in a moment.";
  notice.append(note);
});
