// The view "What it writes" of the stage "Why": the place that is asked about, and what came of it.
(() => {
  const {attach, plot, skip, triggered} = window.headscope;
  const whole = value => (value === "" || value == null || !/^\d+$/.test(String(value)) ? null : +value);

  let taken = null;  // the run and the query that the fields were last offered

  // The selected query: its passage from 1, its place in it from 0. Null where none is selected.
  function queryOf(selection) {
    const {tokens} = window.headscope.state;
    if (!selection || !tokens) return null;
    const query = selection.role === "query" ? selection.token : selection.other;
    if (query == null || tokens.passage[query] === undefined) return null;
    const passage = tokens.passage[query];
    if (passage >= (tokens.own ?? Infinity)) return null;
    return {passage: passage + 1, place: query - tokens.starts[passage]};
  }

  window.headscope.callbacks({
    // The query that was selected since one was here last; at first only if nothing is typed.
    writesArrive(stage, view, run, passage, place) {
      if (stage !== "why" || view !== "writes" || !run) return [skip(), skip()];
      const next = queryOf(window.headscope.state.selection);
      const key = next && JSON.stringify([run.key, next]);
      const typed = whole(passage) !== null || whole(place) !== null;
      const fresh = key && key !== taken && (taken !== null || !typed);
      taken = key || taken || "";
      return fresh ? [next.passage, next.place] : [skip(), skip()];
    },

    writesAsk(_start, run, head, passage, place, hide) {
      if (!run || !head || head.run !== run.key) return skip();
      return {...head, passage: whole(passage), place: whole(place), hide: hide === "hidden"};
    },

    writesSeen(frame, done, before) {
      const next = triggered("why-writes") ? done : frame;
      if (!next) return skip();
      const {run, layer, head, passage, place, text} = next;
      const seen = {run, layer, head, passage, place, text};
      return before && JSON.stringify(before) === JSON.stringify(seen) ? skip() : seen;
    },
  });

  new MutationObserver(() => attach(plot("why-writes-bars"))).observe(document.documentElement, {childList: true, subtree: true});
})();
