// Whether the server is there, and, for the server, that this page is: one file in two roles.
// The page starts it once more as a worker, whose timers go on in a hidden tab, where browsers slow
// the page's own down to one a minute. The worker asks and says for which page; what it hears, the
// page tells.
(() => {
  const pause = ms => new Promise(done => setTimeout(done, ms));

  async function ask(address) {
    try {
      const answer = await fetch(address, {cache: "no-store"});
      if (!answer.ok) return "gone";
      return answer.headers.get("Headscope-Knows-You") === "no" ? "stranger" : "";
    } catch { return "gone"; }
  }

  async function watch(address, tell) {
    for (let failed = 0; ; ) {
      const now = await ask(address);
      failed = now ? failed + 1 : 0;
      if (failed !== 1) tell(now);  // one time alone: the machine may just have woken up
      await pause(now ? 1000 : 3000);
    }
  }

  if (typeof document === "undefined") {
    onmessage = ({data}) => watch(data, postMessage);
    return;
  }

  // If the server goes away the page would wait for ever, and so it would if this browser's cookie
  // is not the server's any more: it says so, and reloads when that is over.
  const LOST = {
    gone: "Headscope has stopped answering. Start it again in the terminal: this page comes back "
      + "by itself, and finished results are kept.",
    stranger: "Headscope does not know this browser any more. Open the address that stands in its "
      + "terminal, which ends in ?token=…: this page then comes back by itself.",
  };
  let lost = "", cut = false;
  function told(now) {
    // A page that the server left while it was loading has nothing to say it with.
    if (!now && (lost || cut || document.querySelector("._dash-error"))) location.reload();
    if (!now || now === lost) return;
    lost = now;
    const note = document.getElementById("lost");
    if (!note) return;
    note.hidden = false;
    note.textContent = LOST[now];
  }
  // What an extension of the browser put into the page and the policy refuses is none of ours.
  const own = ({tagName, src}) => tagName === "SCRIPT" && src.startsWith(`${location.origin}/`);
  addEventListener("error", e => { cut ||= own(e.target); }, true);

  // Dash drops a request that gets lost, and what waits for its answer would wait for ever: a
  // server that is killed and back at once is never seen to be gone.
  const send = window.fetch;
  window.fetch = (...request) => send(...request).catch(error => {
    cut ||= error.name !== "AbortError" && String(request[0]).includes("_dash-update-component");
    throw error;
  });

  const script = document.currentScript.src;
  document.addEventListener("DOMContentLoaded", () => {
    const config = document.getElementById("_dash-config").textContent;
    const page = encodeURIComponent(JSON.parse(config).end_id);
    const address = new URL(`health?page=${page}`, document.baseURI).href;
    try {
      const worker = new Worker(script);
      worker.onmessage = ({data}) => told(data);
      worker.onerror = () => watch(address, told);
      worker.postMessage(address);
    } catch { watch(address, told); }  // a browser without workers
  });
})();
