// "Three things to see" (components/page/sights.py): the strip, until it is closed for good, and the
// two sentences of a view that was opened by one of its links: until they are closed, or another model,
// text or stage is opened. Another head or token is what they ask for.
(() => {
  const {byId} = window.headscope;
  const KEPT = "headscope-sights";
  const see = new URLSearchParams(location.search).get("see");
  let closed = false;   // where nothing can be kept: for this visit
  let arrived = false;  // the stage of the sentences was shown
  let over = !see;      // and was left, or the sentences were closed

  // Storage may be blocked: then asking for it throws.
  function kept(value) {
    try {
      if (value) localStorage.setItem(KEPT, value);
      return localStorage.getItem(KEPT);
    } catch { return null; }
  }

  function told(sight) {
    byId("sight").hidden = !sight;
    byId("sight-said").textContent = sight ? sight.said : "";
    for (const link of byId("sights").querySelectorAll("a"))
      if (sight && link.id === `see-${see}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    window.dispatchEvent(new Event("resize"));
  }

  // A link opens its view in the page anew, so that Back leads back; what a person has set and the
  // view says nothing of goes along.
  const STAY = ["sentence", "heat", "sinks", "colour", "find", "labels"];
  function follow(link) {
    const now = new URLSearchParams(location.search), there = new URLSearchParams(link.search);
    for (const name of STAY) {
      there.delete(name);  // of a click before
      if (now.get(name)) there.set(name, now.get(name));
    }
    link.search = there;
  }

  document.addEventListener("click", event => {
    const link = event.target.closest("a[id^=see-], a[id^=guide-]");
    if (link) follow(link);
    if (event.target.id === "sight-close") {
      over = true;
      told(null);
      byId(`see-${see}`).focus({preventScroll: true});  // where they can be had again
    }
    if (event.target.id !== "sights-close") return;
    closed = true;
    kept("closed");
    byId("sights").hidden = true;
    window.dispatchEvent(new Event("resize"));
  });

  // What is meant stands far down: it is brought into sight once it is there, unless the person has
  // moved the page already.
  function bring(id) {
    const still = new AbortController();
    for (const kind of ["wheel", "pointerdown", "keydown", "touchstart"])
      window.addEventListener(kind, () => still.abort(), {signal: still.signal, passive: true});
    const watch = new MutationObserver(look);
    function look() {
      const there = byId(id);
      if (!still.signal.aborted && !(there && there.offsetParent)) return;
      watch.disconnect();
      if (!still.signal.aborted) there.scrollIntoView();
      still.abort();
    }
    watch.observe(byId("main"), {childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"]});
    look();
  }

  window.headscope.callbacks({
    sightShown(sights, run, stage, compare) {
      byId("sights").hidden = closed || kept() === "closed";
      for (const opens of document.querySelectorAll("#sights [data-opens]"))
        opens.hidden = !run || run.spec === opens.dataset.opens;
      const sight = sights && sights[see];
      if (!sight || over) return;
      const {view} = sight, same = run && run.spec === view.model && run.text === view.text;
      // Stage and comparison follow the address a moment after the page is there.
      const here = same && stage === (view.stage || "heads") && (!view.compare || !!compare);
      if (run && (!same || (arrived && !here))) over = true;  // the person went on
      if (here && !arrived && sight.at) bring(sight.at);
      arrived = arrived || here;
      if (over) told(null);
      else if (byId("sight").hidden && !byId("sight-said").textContent) told(sight);
    },
  });
})();
