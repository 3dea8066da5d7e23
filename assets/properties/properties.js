// The view "Which property of the tokens" of the stage "Why": what is typed, asked, and clicked.
(() => {
  const {attach, openHead, plot, set, skip, triggered} = window.headscope;

  const LASSO = "selected";
  const typed = value => (value == null || Number.isNaN(value) ? "" : String(value));

  // A property in the words of the command line.
  const SAID = {
    same: offset => `same@${typed(offset)}`,
    "first-letter": () => "first-letter",
    mod: (_offset, period) => `mod:${typed(period)}`,
    class: (_offset, _period, role) => `class:${role}`,
    regex: (_offset, _period, _role, pattern) => `regex:${typed(pattern)}`,
    selection: (_offset, _period, _role, _pattern, name) => `selection:${typed(name)}`,
    [LASSO]: () => LASSO,
  };
  const said = (kind, ...values) => SAID[kind](...values);

  // Which kind has a field; in the order of callbacks.BOXES.
  const OWNERS = ["same", "mod", "class", "regex", "selection"];

  window.headscope.callbacks({
    propertyTyped: (kind, ...values) => [said(kind, ...values), ...OWNERS.map(owner => owner !== kind)],

    propertyReady: head => [!head, !head],

    // What the fields say, once a button is pressed; after that each head that is opened, of the same.
    propertyAsk(_one, _all, head, view, lasso, before, kind, ...values) {
      if (!head) return [skip(), skip()];
      const all = triggered("why-property-start-all");
      if (!all && !triggered("why-property-start")) {
        const other = before && before.run === head.run && (before.layer !== head.layer || before.head !== head.head);
        return [other && view === "property" ? {...before, ...head} : skip(), skip()];
      }
      const some = kind === LASSO && lasso && lasso.run === head.run ? lasso : {queries: [], keys: []};
      const asked = {run: head.run, said: said(kind, ...values), queries: some.queries, keys: some.keys};
      return [{...asked, ...head}, all ? asked : skip()];
    },
  });

  document.addEventListener("click", e => {
    const map = e.target.closest("#why-property-map");
    if (!map) return;
    set("property-input", {value: map.dataset.said});
    set("method-select", {value: "property"});
    set("stage-select", {value: "heads"});
  });

  function attachAll() {
    attach(plot("why-property-grid"), {click: ({points: [point]}) => openHead(point.y, point.x)});
    attach(plot("why-property-check"));
  }

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
})();
