// What an address asks for and is not there: once the text is open, the page says what it shows instead.
(() => {
  const {set} = window.headscope;
  let lost = [];     // functions of the run, each returns a sentence, or nothing

  const whole = text => /^\d+$/.test(text);
  const short = text => (text.length > 40 ? `${text.slice(0, 40)} …` : text);

  function label(id, name) {
    const found = document.querySelector(`label[for="${id}"]`);
    return found ? found.textContent : name;
  }

  window.headscope.lost = {
    // A choice that its selector doesn't offer.
    choice: ({id, name, kind}, given) => lost.push(() => (kind === "stage"
      ? `There is no stage “${short(given)}”.` : `“${short(given)}” is no choice under “${label(id, name)}”.`)),

    // A layer or head, of which nobody knows yet how many there are.
    place: ({name}, given) => lost.push(({model}) => {
      const most = model[`${name}s`];
      const shown = Math.min(Math.max(parseInt(given, 10) || 0, 0), most - 1);
      return most === undefined || (whole(given) && +given === shown) ? ""
        : `${model.name} has no ${name} ${short(given)}: ${name[0].toUpperCase()}${shown} is shown.`;
    }),

    // A part of an encoder–decoder, and what is asked for: of a model of one stack that is opened.
    part(given) {
      if (!["decoder", "cross"].includes(given)) return "";
      lost.push(({model}) => (model.part === given ? ""
        : `${model.name} has no part “${given}”: ${model.part ? `its ${model.part}` : "its one stack of layers"} is shown.`));
      return given;
    },

    // A part for column B, which shows A's model unless it has one of its own.
    partOfB(given, model) {
      lost.push(run => (run.model.part || (model && model !== run.spec) ? ""
        : `${run.model.name} has no part “${given}” for column B: it has one stack of layers.`));
      if (window.headscope.run) window.headscope.lost.tell(window.headscope.run);
    },

    // A text for a model of pictures, or pictures for one of texts.
    text(given) {
      if (given) lost.push(run => (run.text === given || window.headscope.pictures.isSet(given) === window.headscope.pictures.ofPictures(run) ? ""
        : `${run.model.name} reads ${window.headscope.pictures.ofPictures(run) ? "pictures" : "texts"}: “${run.title}” is shown.`));
    },

    // Tokens of an added sentence come after those of the text, once it is read.
    token: (given, sentence, role) => lost.push(run => (whole(given) && (+given < window.headscope.countOf(run, role) || sentence) ? ""
      : `This text has no token ${short(given)}: none is selected.`)),

    tell(run) {
      const sentences = lost.map(each => each(run)).filter(Boolean);
      lost = [];
      if (sentences.length) set("error-toast", {
        is_open: true, header: "Please note", children: sentences.join(" "), class_name: "toast-corner", duration: null,
      });
    },
  };
})();
