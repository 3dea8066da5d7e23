// Which part of the plane a flat map shows: what its figure asks for (`meta.window`: left, right,
// bottom, top) until somebody moves it. A plot that takes another shape shows the same part again;
// Plotly by itself would show more and more around it.
(() => {
  const kept = new WeakMap();  // of plots: what they are to show, and whether a person has said so
  const of = gd => kept.get(gd) || kept.set(gd, {window: null, moved: false, ours: 0, mark: "", data: null}).get(gd);
  const size = ({_fullLayout: {xaxis, yaxis}}) => [xaxis._length, yaxis._length];
  const seen = ({_fullLayout: {xaxis, yaxis}}) => [...xaxis.range, ...yaxis.range];
  const wanted = gd => !gd._fullLayout.scene && gd.offsetParent && gd.layout.meta && gd.layout.meta.window;

  // All of a section, in the middle of a plot: a unit is as long to the right as upwards.
  function fitted([left, right, bottom, top], [width, height]) {
    const unit = Math.max((right - left) / width, (top - bottom) / height);
    const [x, y] = [(left + right) / 2, (bottom + top) / 2], [w, h] = [unit * width / 2, unit * height / 2];
    return [x - w, x + w, y - h, y + h];
  }

  const mark = (gd, section) => JSON.stringify([section, size(gd), gd.layout.uirevision, wanted(gd)]);

  // Show a section, unless that is what the plot was last asked for, with the same figure.
  function look(gd, section) {
    const state = of(gd), next = mark(gd, section);
    if (!section || (state.mark === next && state.data === gd.data)) return;
    Object.assign(state, {mark: next, window: section, data: gd.data});
    const ends = fitted(section, size(gd)), now = seen(gd), small = 1e-3 * Math.abs(ends[1] - ends[0]);
    if (ends.every((end, i) => Math.abs(end - now[i]) < small)) return;
    state.ours += 1;
    window.Plotly.relayout(gd, {"xaxis.range": ends.slice(0, 2), "yaxis.range": ends.slice(2)})
      .finally(() => { state.ours -= 1; });
  }

  // A plot was drawn: keep what it is to show in it.
  function keep(gd) {
    const state = of(gd), first = wanted(gd);
    if (!first) return;
    if (state.revision !== gd.layout.uirevision) Object.assign(state, {revision: gd.layout.uirevision, moved: false});
    look(gd, state.moved ? state.window : first);
  }

  // Somebody moved a plot, unless it was this script: returns whether.
  function moved(gd, change) {
    const state = of(gd);
    if (state.ours || !wanted(gd) || !Object.keys(change || {}).some(name => /^[xy]axis/.test(name))) return false;
    Object.assign(state, {moved: true, window: seen(gd), data: gd.data});
    state.mark = mark(gd, state.window);
    return true;
  }

  // As another plot is.
  function copy(from, to) {
    if (!wanted(from) || !wanted(to) || !of(from).window) return;
    Object.assign(of(to), {moved: true, revision: to.layout.uirevision});
    look(to, of(from).window);
  }

  // A double click: back to the beginning, or from there to all points, the farthest too.
  function whole(gd) {
    if (!wanted(gd)) return false;
    const state = of(gd), first = wanted(gd);
    if (JSON.stringify(state.window) !== JSON.stringify(first)) {
      state.moved = false;
      look(gd, first);
      return true;
    }
    const ends = [Infinity, -Infinity, Infinity, -Infinity];
    for (const {x, y} of gd._fullData.filter(trace => trace.type.startsWith("scatter")))
      [x, y].forEach((values, axis) => values.forEach(value => {
        if (value < ends[2 * axis]) ends[2 * axis] = value;
        if (value > ends[2 * axis + 1]) ends[2 * axis + 1] = value;
      }));
    const edge = .04 * Math.max(ends[1] - ends[0], ends[3] - ends[2]);
    state.moved = true;
    look(gd, ends.map((end, i) => (i % 2 ? end + edge : end - edge)));
    return true;
  }

  // The point of a map that is nearest to a place in it, at most so many pixels away.
  function nearest(gd, {xvals: [left], yvals: [top]}, most = 12) {
    const {xaxis} = gd._fullLayout, scale = Math.abs(xaxis.d2p(1) - xaxis.d2p(0));
    let best = (most / scale) ** 2, found = null;
    ["query", "key"].forEach((role, i) => {
      const {x, y} = gd._fullData[i];
      for (let token = 0; token < x.length; token++) {
        const far = (x[token] - left) ** 2 + (y[token] - top) ** 2;
        if (far < best) [best, found] = [far, {role, token}];
      }
    });
    return found;
  }

  // The tokens of either role inside a lasso or a box.
  function within(gd, {lassoPoints: lasso, range: box}) {
    const [xs, ys] = lasso ? [lasso.x, lasso.y] : [[0, 1, 1, 0].map(i => box.x[i]), [0, 0, 1, 1].map(i => box.y[i])];
    const odd = (x, y) => xs.reduce((inside, _, i) => {
      const j = (i || xs.length) - 1, crosses = (ys[i] > y) !== (ys[j] > y);
      return crosses && x < (xs[j] - xs[i]) * (y - ys[i]) / (ys[j] - ys[i]) + xs[i] ? !inside : inside;
    }, false);
    return gd._fullData.slice(0, 2).map(({x, y}) => Array.from(x.keys()).filter(i => odd(x[i], y[i])));
  }

  Object.assign(window.headscope, {within, section: {keep, moved, copy, whole}, nearest});
})();
