// What the what-if form answers: the prediction, its chances or range, and the contributions that make it. Used by main.js.
(() => {
  "use strict";
  const { element, visible } = window.dspElements;
  const MOST_CHANCES = 6;
  const MOST_REASONS = 10;
  const { percent, figure, signed } = window.dspNumbers;

  const bar = (share, before) => {
    const track = element("span", "track");
    const fill = element("span", "fill");
    fill.style.width = `${100 * share}%`;
    const tick = element("span", "tick");
    tick.style.left = `${100 * before}%`;
    track.append(fill, tick);
    return track;
  };

  const chances = (labels, response, before) => {
    const order = [...response.keys()].sort((a, b) => response[b] - response[a]).slice(0, MOST_CHANCES);
    return order.map((place) => {
      const line = element("li");
      line.append(element("span", "", visible(labels[place])), element("b", "", percent(response[place])), bar(response[place], before[place]));
      return line;
    });
  };

  /** Which output the reasons are of, and what they are in. */
  const subject = ({ task, target, classes, outputs }, response) => {
    const name = visible(target);
    if (task === "count") return { output: 0, title: `What makes it, as steps of the logarithm of the expected ${name}` };
    if (!classes.length) return { output: 0, title: `What makes it, in units of ${name}` };
    const best = response.indexOf(Math.max(...response));
    const output = outputs === 1 ? 0 : best;
    const label = visible(classes[outputs === 1 ? 1 : best]);
    return { output, title: outputs === 1 ? `What speaks for “${label}” (to the right), in log-odds` : `What speaks for “${label}”, as steps of its margin` };
  };

  const reason = (name, value, size) => {
    const line = element("li");
    const track = element("span", "track middle");
    const fill = element("span", `fill ${value < 0 ? "less" : "more"}`);
    fill.style.width = `${(50 * Math.abs(value)) / size}%`;
    track.append(fill);
    line.append(element("span", "", name), element("b", "", signed(value)), track);
    return line;
  };

  const reasons = (phi, names) => {
    const order = [...names.keys()].sort((a, b) => Math.abs(phi[b]) - Math.abs(phi[a]));
    const shown = order.slice(0, MOST_REASONS);
    const rest = order.slice(MOST_REASONS).reduce((sum, place) => sum + phi[place], 0);
    const size = Math.max(...shown.map((place) => Math.abs(phi[place])), Math.abs(rest)) || 1;
    const lines = shown.map((place) => reason(names[place], phi[place], size));
    if (order.length > MOST_REASONS) lines.push(reason(`${order.length - MOST_REASONS} other columns`, rest, size));
    return lines;
  };

  /** The class that is called: the second of two from the threshold on, where there is one, else the most probable. */
  const called = (threshold, response) => {
    if (threshold !== null) return Number(response[1] >= threshold);
    return response.indexOf(Math.max(...response));
  };

  /** The prediction in one sentence. */
  const said = ({ classes, target, threshold }, response, range) => {
    if (classes.length) {
      const best = called(threshold, response);
      return `${visible(classes[best])}, ${percent(response[best])}`;
    }
    const within = range ? `; 90% of rows like it lie within ${figure(range[0])} and ${figure(range[1])}` : "";
    return `${visible(target)} ${figure(response[0])}${within}`;
  };

  window.dspWhatIf.answer = { chances, subject, reasons, said };
})();
