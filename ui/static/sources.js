// The Sources panel: references and BibTeX to the clipboard, explanations that the server sends, and the
// way back to the citation. The panel is drawn anew while an answer grows; what the reader has opened stays.
(() => {
  const SAID = 2000; // milliseconds that a button says what it did
  const opened = new Set();
  const explanations = new Map();
  let followed = null; // the address of the citation followed last, and which of those that share it

  const citations = (href) => [...document.querySelectorAll("a.fn-cite")].filter((one) => one.getAttribute("href") === href);

  function copyByHand(text) {
    const field = document.createElement("textarea");
    const focused = document.activeElement;
    field.value = text;
    field.className = "sr-only";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text); // no clipboard for pages of another machine, or it was refused
    }
  }

  async function copy(button) {
    const entry = button.closest("details")?.querySelector("pre");
    const text = button.dataset.copy ?? entry.textContent;
    const name = (button.dataset.name ??= button.textContent);
    const said = (await copied(text)) ? fnSaid("Copied") : fnSaid("Not copied");
    button.textContent = said;
    document.getElementById("fn-copied").textContent = `${said}: ${button.getAttribute("aria-label")}`;
    setTimeout(() => {
      button.textContent = name;
      document.getElementById("fn-copied").textContent = "";
    }, SAID);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-copy], button[data-copy-entry]");
    if (button) copy(button);
    const citation = event.target.closest?.("a.fn-cite");
    if (citation) followed = [citation.getAttribute("href"), citations(citation.getAttribute("href")).indexOf(citation)];
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !followed || !event.target.closest?.("#fn-side")) return;
    const [href, place] = followed;
    const citation = citations(href)[place];
    citation?.focus({ preventScroll: true });
    citation?.scrollIntoView({ block: "nearest" });
  });

  const place = (fold) => fold.dataset.fold + (fold.closest(".fn-actions")?.querySelector("[data-why]")?.dataset.key ?? "");

  document.addEventListener("toggle", (event) => {
    const fold = event.target;
    if (!fold.dataset?.fold || !fold.isConnected) return;
    if (fold.open) opened.add(place(fold));
    else opened.delete(place(fold));
  }, true);

  function explain(button) {
    const text = explanations.get(button.dataset.key);
    if (text === undefined || button.nextElementSibling) return;
    const all = document.createElement("div");
    all.className = "fn-explained";
    all.tabIndex = -1;
    all.innerHTML = text;
    const focused = document.activeElement === button || document.activeElement === document.body;
    button.after(all);
    button.hidden = true;
    if (focused && button.closest("details").open) all.focus({ preventScroll: true });
  }

  window.fnExplained = ([key, text] = ["", ""]) => {
    if (!key) return;
    explanations.set(key, text);
    document.querySelectorAll(`button[data-key="${key}"]`).forEach(explain);
  };

  function restore(panel) {
    if (!panel.querySelector(".fn-group")) {
      opened.clear();
      explanations.clear();
      followed = null;
    }
    panel.querySelectorAll("details[data-fold]").forEach((fold) => { if (opened.has(place(fold))) fold.open = true; });
    panel.querySelectorAll("button[data-why]").forEach(explain);
  }

  const arriving = new MutationObserver(() => {
    const panel = document.getElementById("fn-side");
    if (!panel) return;
    arriving.disconnect();
    document.body.insertAdjacentHTML("beforeend", '<div id="fn-copied" class="sr-only" role="status"></div>');
    new MutationObserver(() => restore(panel)).observe(panel, { childList: true, subtree: true, characterData: true });
  });
  arriving.observe(document, { childList: true, subtree: true });
})();
