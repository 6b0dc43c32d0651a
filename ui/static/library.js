// The pages of one address: #library is the library, #history what was asked before, and so on; anything
// else is the conversation. Files that the server made are handed to the user, and an opened paper is
// brought into view where it lies below.
(() => {
  const NARROW = "(max-width: 900px)";

  function arrive() {
    const links = [...document.querySelectorAll("#fn-pages a")];
    const here = links.find((link) => link.hash === location.hash) ?? links[0];
    document.body.dataset.page = here.hash.slice(1);
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

  addEventListener("hashchange", () => { arrive(); scrollTo(0, 0); });

  const arriving = new MutationObserver(() => {
    if (!document.getElementById("fn-pages")) return;
    const input = document.querySelector("#fn-files input[type=file]");
    arrive();
    if (!input) return;
    arriving.disconnect();
    input.setAttribute("aria-label", "Files with papers");
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
