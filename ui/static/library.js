// The pages of one address: #library is the library, #history what was asked before, and so on; anything
// else is the conversation. Files that the server made are handed to the user, and an opened paper is
// brought into view where it lies below.
(() => {
  const NARROW = "(max-width: 900px)";

  function arrive() {
    const links = [...document.querySelectorAll("#fn-pages a")];
    const page = location.hash.split(/[=?]/)[0];
    const here = links.find((link) => link.hash.split(/[=?]/)[0] === page) ?? links[0];
    document.body.dataset.page = here.hash.split(/[=?]/)[0].slice(1);
    links.forEach((link) => {
      if (link === here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
  }

  window.fnDownload = (file) => {
    if (!file) return;
    const link = document.createElement("a");
    link.href = file.url;
    link.download = file.orig_name ?? "";
    link.click();
  };

  // The field for files speaks the browser's language, not that of the page, and is made anew after each import.
  function sayWhatFor(field) {
    const said = [fnSaid("Drop files with papers here"), `– ${fnSaid("or")} –`, fnSaid("Choose files")];
    field.querySelector("input[type=file]")?.setAttribute("aria-label", fnSaid("Files with papers"));
    field.querySelector("button:has(input)")?.setAttribute("aria-label", said[0]);
    const shown = field.querySelector("[data-testid=upload-text]");
    const texts = shown ? document.createTreeWalker(shown, NodeFilter.SHOW_TEXT) : null;
    while (said.length && texts?.nextNode()) {
      if (texts.currentNode.data.trim()) texts.currentNode.data = ` ${said.shift()} `;
    }
  }

  // The menu of libraries closes like any other, and its last entry leads to where one is made.
  function leaveMenu(event) {
    const menu = document.querySelector(".fn-switch[open]");
    if (!menu) return;
    const more = event.target.closest?.(".fn-more");
    if (event.key === "Escape") menu.querySelector("summary").focus();
    else if (event.type === "keydown" || (menu.contains(event.target) && !more)) return;
    menu.open = false;
    if (!more) return;
    const write = () => document.querySelector("#fn-library-name :is(input, textarea)").focus();
    if (location.hash === "#library") setTimeout(write);
    else addEventListener("hashchange", write, { once: true });
  }
  for (const kind of ["click", "keydown"]) document.addEventListener(kind, leaveMenu);

  addEventListener("hashchange", () => { arrive(); scrollTo(0, 0); });

  const arriving = new MutationObserver(() => {
    if (!document.getElementById("fn-pages")) return;
    const input = document.querySelector("#fn-files input[type=file]");
    arrive();
    if (!input) return;
    arriving.disconnect();
    const field = document.getElementById("fn-files");
    sayWhatFor(field);
    new MutationObserver(() => sayWhatFor(field)).observe(field, { childList: true, subtree: true });
    const paper = document.getElementById("fn-paper");
    new MutationObserver(() => {
      const title = document.getElementById("fn-open-title");
      if (!title || title.dataset.seen) return;
      title.dataset.seen = "yes";
      title.focus({ preventScroll: true });
      if (matchMedia(NARROW).matches) title.scrollIntoView({ block: "start" });
    }).observe(paper, { childList: true, subtree: true });
  });
  arriving.observe(document, { childList: true, subtree: true });
})();
