// The stage "All heads": previews are fitted while one looks at them, some heads at a time and the
// nearest first, by jobs that stand back from all others (compute/jobs/aside.py). What takes long is
// not begun unasked.
(() => {
  const all = window.headscope.allHeads ||= {};
  const {byId, set, triggered} = window.headscope, {state} = all;
  const MOST = 64, PAUSED = "headscope-refining-paused";
  const LONG = 20 * 60;  // seconds: the page asks before it goes on with what takes longer
  const PATIENCE = 3000;  // milliseconds between a job's end and its result, on a slow machine
  const now = {
    asked: null, fresh: null, points: null, clicks: 0, failed: false, gathered: "",
    coming: new Set(),  // heads that are fitted, and whose maps are on their way
    pace: {}, agreed: new Set(),
  };

  // For this visit, also after the page was reloaded; where the browser keeps nothing, until then.
  let kept = "no";
  const paused = () => { try { return (sessionStorage.getItem(PAUSED) ?? kept) === "yes"; } catch { return kept === "yes"; } };
  function pause(yes) {
    kept = yes ? "yes" : "no";
    try { sessionStorage.setItem(PAUSED, kept); } catch { /* it is kept here */ }
  }
  const name = tiles => `${tiles.run} ${tiles.method}`;
  const missing = () => [...state.tiles.fitted.keys()].filter(at => !state.tiles.fitted[at] && !now.coming.has(at));
  const looking = () => !document.hidden && byId("stage-all") && !byId("stage-all").hidden && state.show === "maps";

  // Seconds that are left, once some heads were fitted.
  const left = () => {
    const pace = now.pace[name(state.tiles)];
    return pace ? pace.seconds / pace.heads * missing().length : null;
  };
  const long = () => !!state.tiles && left() > LONG && !now.agreed.has(name(state.tiles));

  // ---- the order: the open head, what one points at, what is in view, and from there outwards

  function order() {
    const size = all.size(), {left: x0, top: y0} = byId("all-over").getBoundingClientRect();
    const middle = at => { const [layer, head] = all.placed(at); return [x0 + (head + .5) * size, y0 + (layer + .5) * size]; };
    const pointed = all.hovered(), [px, py] = pointed === null ? [innerWidth / 2, innerHeight / 2] : middle(pointed);
    const outside = y => Math.max(0, -y, y - innerHeight);
    const far = at => {
      const [x, y] = middle(at), hidden = outside(y);
      return at === all.opened() ? -1 : hidden ? 1e6 + 1e3 * hidden + x : Math.hypot(x - px, y - py);
    };
    const places = new Map(missing().map(at => [at, far(at)]));
    return [...places.keys()].sort((a, b) => places.get(a) - places.get(b));
  }

  // ---- what is asked for

  function go() {
    if (!all.current() || state.show !== "maps") return;
    const {tiles} = state, {run, method} = tiles;
    if (now.asked || !looking() || now.failed || paused()) return;
    if (missing().length) {
      if (long()) return;
      now.asked = name(tiles);
      set("all-fresh-asked", {data: {run, method, heads: order().slice(0, MOST).map(all.placed)}});
    } else if (now.pace[name(tiles)] && now.gathered !== name(tiles)) {
      now.gathered = name(tiles);
      set("all-refined-asked", {data: {run, method}});
    }
  }

  function took(fresh) {
    const key = name(fresh), pace = now.pace[key] ||= {seconds: 0, heads: 0};
    pace.seconds += fresh.seconds;
    pace.heads += fresh.heads.length;
    Object.assign(now, {asked: null, failed: false});
    if (state.tiles && name(state.tiles) === key)
      for (const [layer, head] of fresh.heads) now.coming.add(layer * state.tiles.heads + head);
  }

  // A job that ends without a result has failed, or was ended: then it waits for a click.
  function ended() {
    const asked = now.asked;
    setTimeout(() => {
      if (now.asked !== asked || !byId("all-fresh-job")?.hidden) return;
      Object.assign(now, {asked: null, failed: true});
      all.tell();
    }, PATIENCE);
  }

  function clicked() {
    const going = !paused() && !now.failed && !long();
    pause(going);
    now.failed = false;
    if (!going) now.agreed.add(name(state.tiles));
  }

  // ---- what is said

  function span(seconds) {
    const minutes = seconds / 60;
    if (minutes < 1) return "less than a minute";
    return minutes < 90 ? `about ${Math.round(minutes)} min` : `about ${Math.round(minutes / 60)} h`;
  }

  function tellMaps() {
    const {title, fitted} = state.tiles, open = fitted.filter(done => !done).length;
    if (!open) return `${title} of all ${fitted.length} heads.`;
    const so = `${title} of ${fitted.length - open} of ${fitted.length} heads`, time = left();
    if (now.failed) return `${so}; refining has stopped.`;
    if (long()) return `${so}. The others take ${span(time)}, and begin when you ask for it.`;
    return paused() ? `${so}; refining is paused.` : `${so}${time === null ? " …" : `; ${span(time)} left.`}`;
  }

  all.says = () => (state.show === "maps" ? tellMaps() : all.tellAttention());

  all.tell = () => {
    if (!all.current()) return;
    const previews = all.previews(), going = !paused() && !now.failed && !long();
    byId("all-progress").textContent = all.says();
    byId("all-hatched").hidden = !previews;
    byId("all-refine-box").hidden = !previews;
    byId("all-refine").textContent = going ? "Pause refining" : long() && !paused() ? "Refine all" : "Go on refining";
    if (state.show !== "maps") byId("all-shades").replaceChildren(...all.shades());
  };

  window.headscope.callbacks({
    allRefine(stage, points, fresh, idle, show, clicks) {
      if (points !== now.points) now.coming.clear();
      if (fresh && fresh !== now.fresh) took(fresh);
      else if (idle && now.asked && triggered("all-fresh-job")) ended();
      if (clicks > now.clicks) clicked();
      Object.assign(now, {fresh, points, clicks: clicks || 0});
      requestAnimationFrame(() => { all.tell(); go(); });
    },
  });
  all.goOn = go;
  document.addEventListener("visibilitychange", go);
})();
