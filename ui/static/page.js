// A citation leads to the sentence it rests on, and the conversation follows an answer while it
// grows. Everything hangs on the document, so that messages may come and go.
(() => {
  const FLASH = "fn-flash";
  const MARGIN = 20; // pixels above a question that has been scrolled to the top

  function isVisible(target) {
    const box = target.getBoundingClientRect();
    const side = document.getElementById("fn-side").getBoundingClientRect();
    return box.top >= Math.max(side.top, 0) && box.bottom <= Math.min(side.bottom, innerHeight);
  }

  function show(target) {
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    document.querySelectorAll("." + FLASH).forEach((old) => old.classList.remove(FLASH));
    if (!isVisible(target)) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      target.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "center" });
    }
    target.focus({ preventScroll: true });
    target.classList.add(FLASH);
    target.closest(".fn-card")?.classList.add(FLASH);
  }

  document.addEventListener("click", (event) => {
    const mark = event.target.closest?.("a.fn-cite");
    if (!mark) return;
    event.preventDefault();
    const target = document.getElementById(mark.getAttribute("href").slice(1));
    if (target) show(target);
  });

  // The end of a growing answer stays in view until its question has reached the top, or the reader scrolls.
  function follow(log) {
    let following = true;
    let exchanges = 0;
    for (const kind of ["wheel", "touchmove", "keydown"]) {
      log.addEventListener(kind, () => { following = false; }, { passive: true });
    }
    new MutationObserver(() => {
      const all = log.querySelectorAll(".fn-exchange");
      if (all.length > exchanges) {
        following = true;
        document.getElementById("fn-side").scrollTop = 0;
      }
      exchanges = all.length;
      if (!following || !exchanges) return;
      const question = all[exchanges - 1].getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
      log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, question - MARGIN);
    }).observe(log, { childList: true, subtree: true, characterData: true });
  }

  const arriving = new MutationObserver(() => {
    const log = document.getElementById("fn-log");
    if (!log) return;
    arriving.disconnect();
    follow(log);
  });
  arriving.observe(document, { childList: true, subtree: true });
})();
