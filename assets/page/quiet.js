// Dash tells each component of the page of every step of every callback. To choose another head takes
// 140 steps, and there are 700 components; most steps only move a callback from one list to the next.
// So components are told of what they can show: of what they are loading together, of all else at once.
// Measured: a third off the browser's work for another head or model, a tenth off that for the page.
//
// Dash gives its store to others in `window.dash_stores`, before its components listen to it.
(() => {
  const STEPS = ["callbacks"];  // where a callback is on its way: the store's other listeners see to it
  const SIGNS = ["loading", "isLoading", "paths"];  // may be seen a moment later than all else

  function telling(listener, state) {
    let told = state(), waits = false;
    const tell = () => {
      waits = false;
      told = state();
      listener();
    };
    const others = (now, ...but) => Object.keys(now).some(key => now[key] !== told[key] && !but.includes(key));
    return () => {
      const now = state();
      if (!others(now, ...STEPS)) return;
      if (others(now, ...STEPS, ...SIGNS)) tell();
      else if (!waits) {
        waits = true;
        queueMicrotask(() => waits && tell());
      }
    };
  }

  const stores = window.dash_stores = [];
  stores.push = store => {
    const {subscribe, getState} = store;
    store.subscribe = listener => subscribe(telling(listener, getState));
    return Array.prototype.push.call(stores, store);
  };
})();
