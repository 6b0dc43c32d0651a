// The server may end or be killed while its page is open. Then one line says so, in place of all that Gradio
// has to say, and once there is a server again the page is loaded anew with what was typed in it. A session may
// end too, here in another tab or by its age: the page is then loaded anew at once, and asks for the password.
(() => {
  const EVERY = 1000; // milliseconds between two tries
  const TYPED = "fn-typed"; // where what was typed waits for the next page
  const GATEWAY = [502, 503, 504]; // what a proxy answers for a server that is not there
  const reach = window.fetch.bind(window);
  let failed = false; // whether a request got no answer, after which Gradio too may load the page anew
  let trying = false;
  let lost = false;

  window.fetch = async (...given) => {
    try {
      const response = await reach(...given);
      if (GATEWAY.includes(response.status)) doubt();
      if (response.status === 401) leave();
      return response;
    } catch (error) {
      if (error.name !== "AbortError") doubt();
      throw error;
    }
  };

  function leave() {
    failed = true;
    location.reload();
  }

  async function isBack() {
    try {
      return (await reach("gradio_api/app_id", { cache: "no-store" })).status < 500;
    } catch {
      return false;
    }
  }

  // A request may fail for once, as when the page is left: only a second try tells.
  async function doubt() {
    failed = true;
    if (trying) return;
    trying = true;
    while (!await isBack()) {
      if (!lost) lose();
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
    trying = false;
    if (lost) location.reload();
  }

  function lose() {
    lost = true;
    document.body.classList.add("fn-lost");
    document.body.prepend(line());
  }

  function line() {
    const told = document.createElement("p");
    told.id = "fn-lost";
    told.setAttribute("role", "alert");
    if (!["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) {
      told.textContent = fnSaid("Footnote does not answer. This page goes on by itself when it does again.");
      return told;
    }
    const frame = fnSaid("Footnote is not running any more. Start it again with {command}; this page goes on by itself.");
    const [before, after] = frame.split("{command}");
    const command = document.createElement("code");
    command.textContent = "make chat";
    told.append(before, command, after);
    return told;
  }

  addEventListener("pagehide", () => {
    if (!failed) return;
    const typed = document.querySelector("#fn-box textarea")?.value ?? "";
    sessionStorage.setItem(TYPED, JSON.stringify({ path: location.pathname, typed, drafts: fnDrafts() }));
  });

  // Waits for the box: before it, there may be a page that asks for a password.
  const kept = JSON.parse(sessionStorage.getItem(TYPED) ?? "null");
  if (kept?.path !== location.pathname) return;
  const arriving = new MutationObserver(() => {
    if (!document.querySelector("#fn-box textarea")) return;
    arriving.disconnect();
    sessionStorage.removeItem(TYPED);
    if (kept.typed) fnTalk.put(kept.typed);
    fnTakeDrafts(kept.drafts);
  });
  arriving.observe(document, { childList: true, subtree: true });
})();
