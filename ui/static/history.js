// The list of conversations: tells the server which button was used with what is typed beside it, keeps
// open what was open when the list is shown anew, and puts the focus where it was.
window.fnHistory = (element, tell, shownAnew) => {
  const opened = new Set();
  let last = null;
  const rows = () => [...element.querySelectorAll(".fn-talk")];

  function use(button) {
    const row = button.closest(".fn-talk");
    const name = row?.querySelector("input")?.value ?? "";
    last = { place: row ? rows().indexOf(row) : 0, what: button.dataset.do };
    tell([button.dataset.do, button.dataset.id, name]);
  }

  element.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) use(button);
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    use(event.target.parentElement.querySelector("button"));
  });
  element.addEventListener("toggle", (event) => {
    const id = event.target.closest(".fn-talk")?.dataset.id;
    if (event.target.open) opened.add(id);
    else opened.delete(id);
  }, true);

  shownAnew(() => {
    const now = rows();
    now.filter((row) => opened.has(row.dataset.id)).forEach((row) => { row.querySelector("details").open = true; });
    if (last && document.activeElement === document.body) {
      const row = now[Math.min(last.place, now.length - 1)];
      (row?.querySelector(last.what === "rename" ? "button" : "summary"))?.focus({ preventScroll: true });
    }
    last = null;
  });

  const arrive = () => { if (location.hash === "#history") tell(["arrive", ""]); };
  addEventListener("hashchange", arrive);
  arrive();
};
