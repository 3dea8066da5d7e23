// What an address asks for is held back while it is not known whether it may act: a model that does
// not come with Headscope is opened from a link only if it was opened on this machine before, or
// the person says so (components/links). Loaded after overlay.js.
(() => {
  const {byId, set, triggered} = window.headscope;

  const MOST = 20;     // models that one link may name
  const LONGEST = 1000;  // the server says what is wrong with a longer name, without looking for it
  let waiting = [];    // what nobody has decided about: {spec, first, go, drop}
  let shown = null;    // the models in the dialog, while it is open
  const decided = new Map();
  let asking = null;

  // "other" opens a dialog; in an address it would be a model of that name.
  const foreign = spec => spec === "other" || ![...byId("model-select").options].some(o => o.value === spec);

  function ask() {
    clearTimeout(asking);
    asking = setTimeout(() => {  // once for all parts of the address
      const first = waiting.find(each => each.first);
      const names = [...new Set(waiting.map(each => each.spec))];
      if (names.length) set("linked", {data: {names, first: first ? first.spec : null}});
    });
  }

  // Take from those that wait the ones of some models.
  function settle(specs, then) {
    const now = waiting.filter(each => specs.includes(each.spec));
    waiting = waiting.filter(each => !specs.includes(each.spec));
    now.forEach(then);
  }

  // Go on with a model that the address names, or leave it: `go(linked)` hears whether nobody but
  // the link has named it.
  function pass(spec, go, drop = () => {}, first = false) {
    if (!foreign(spec)) { go(false); return; }
    if (decided.has(spec)) { if (decided.get(spec)) go(false); else drop(); return; }
    if (spec.length > LONGEST || /[\x00-\x1f\x7f]/.test(spec)) { go(true); return; }
    if (waiting.length >= MOST) { drop(); return; }
    waiting.push({spec, first, go, drop});
    ask();
  }

  window.headscope.strangers = {foreign, pass};

  window.headscope.callbacks({
    linkKnown(answer) {
      if (!answer) return;
      settle(answer.names.filter(spec => !answer.strange.includes(spec)), each => each.go(true));
      shown = answer.strange.length ? answer.strange : null;
    },

    // A dialog that is closed without an answer was answered with no.
    linkDecide(open, decline, isOpen) {
      const yes = open > 0 && triggered("link-open"), no = decline > 0 && triggered("link-decline");
      if (!shown || (isOpen && !yes && !no)) return;
      const specs = shown;
      shown = null;
      specs.forEach(spec => decided.set(spec, yes));
      settle(specs, each => (yes ? each.go(false) : each.drop()));
      set("link-dialog", {is_open: false});
    },
  });
})();
