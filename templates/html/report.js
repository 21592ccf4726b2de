"use strict";
// What stands in the page is whole without this: here one finds one's way in it.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const subjects = all("section.subject");
  const viewport = document.getElementById("viewport");
  const search = document.getElementById("search");
  const every = document.getElementById("every");
  const rows = all("tr[data-of]");
  all("[data-script]").forEach((element) => { element.hidden = false; });

  // The models of which one is shown at a time.
  let chosen = null;

  function show() {
    for (const subject of subjects) {
      if (subject === chosen || (every && every.checked)) subject.removeAttribute("hidden");
      else subject.setAttribute("hidden", "until-found");
    }
    all("a[href^='#model-']").forEach((link) => {
      if (chosen && link.getAttribute("href") === `#${chosen.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }

  // A plot that is wider than the screen begins at its newest version.
  const newest = (within) => all(".timeline .wide", within).forEach((box) => { box.scrollLeft = box.scrollWidth; });

  function choose(subject, go) {
    chosen = subject;
    show();
    newest(subject);
    if (viewport) mark(subject);
    if (go) {
      const title = subject.querySelector("h2");
      title.focus({ preventScroll: true });
      subject.scrollIntoView();
    }
  }

  const named = () => subjects.find((subject) => `#${subject.id}` === location.hash);
  addEventListener("hashchange", () => { const subject = named(); if (subject) choose(subject, true); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#model-']");
    // The address stays the same where the model is chosen already.
    if (link && link.getAttribute("href") === location.hash && named()) choose(named(), true);
  });

  // The graph: a window over it that moves and grows.
  const svg = viewport && viewport.querySelector("svg");
  const whole = svg && svg.viewBox.baseVal && { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
  let view = null;

  function look(x, y, width, height) {
    view = { x, y, width, height };
    svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  }

  function shape() {
    const box = viewport.getBoundingClientRect();
    return box.height ? box.width / box.height : 2;
  }

  // A small graph is not blown up, and gets no more room than it needs.
  const MARGIN = 16;
  const LARGEST = 1.2;
  const SMALLEST = 0.75;

  function fit() {
    const least = whole.width + 2 * MARGIN;
    const scale = Math.min(viewport.clientWidth / least, LARGEST);
    viewport.style.height = `${(whole.height + 2 * MARGIN) * scale}px`;
    const ratio = shape();
    const width = Math.max(least, (whole.height + 2 * MARGIN) * ratio, viewport.clientWidth / LARGEST);
    look((whole.width - width) / 2, (whole.height - width / ratio) / 2, width, width / ratio);
  }

  // What is too small to read whole begins at the chosen model, or else at one that is stale.
  function begin() {
    fit();
    const at = node(chosen) || svg.querySelector("a.stale") || svg.querySelector("a.node") || svg.querySelector(".node");
    if (!at || viewport.clientWidth / view.width >= SMALLEST) return;
    // As high as the graph in its own size, within what the style sheet allows.
    viewport.style.height = `${whole.height + 2 * MARGIN}px`;
    centre(at);
  }

  function zoom(factor, atX = view.x + view.width / 2, atY = view.y + view.height / 2) {
    const width = Math.min(Math.max(view.width / factor, 120), Math.max(whole.width, whole.height * shape()) * 4);
    const by = width / view.width;
    look(atX - (atX - view.x) * by, atY - (atY - view.y) * by, width, view.height * by);
  }

  const move = (x, y) => look(view.x + x * view.width, view.y + y * view.height, view.width, view.height);

  function centre(item) {
    const at = item.transform.baseVal.consolidate().matrix;
    const width = Math.min(view.width, viewport.clientWidth);
    const height = width / shape();
    // No further than the graph goes.
    const within = (middle, size, end) => size > end + 2 * MARGIN
      ? (end - size) / 2
      : Math.min(Math.max(middle - size / 2, -MARGIN), end + MARGIN - size);
    look(within(at.e, width, whole.width), within(at.f, height, whole.height), width, height);
  }

  function reveal(item) {
    const box = item.getBoundingClientRect();
    const frame = viewport.getBoundingClientRect();
    const small = viewport.clientWidth / view.width < SMALLEST;
    if (small || box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom) centre(item);
  }

  const node = (subject) => subject && svg.querySelector(`a[href="#${subject.id}"]`);

  function mark(subject) {
    const nodes = new Map(all("[data-node]", svg).map((item) => [item.dataset.node, item]));
    const edges = all(".edge", svg);
    [...nodes.values(), ...edges].forEach((item) => item.classList.remove("behind", "chosen"));
    const start = node(subject);
    viewport.classList.toggle("choice", Boolean(start));
    if (!start) return;
    start.classList.add("chosen");
    const into = new Map();
    for (const edge of edges) into.set(edge.dataset.to, [...(into.get(edge.dataset.to) || []), edge]);
    const pending = [start.dataset.node];
    const seen = new Set(pending);
    while (pending.length) {
      const id = pending.pop();
      nodes.get(id).classList.add("behind");
      for (const edge of into.get(id) || []) {
        edge.classList.add("behind");
        if (!seen.has(edge.dataset.from)) { seen.add(edge.dataset.from); pending.push(edge.dataset.from); }
      }
    }
  }

  if (svg) {
    viewport.classList.add("live");
    viewport.tabIndex = 0;
    fit();
    const views = {
      in: () => zoom(1.25),
      out: () => zoom(0.8),
      whole: fit,
      chosen: () => { const at = node(chosen); if (at) centre(at); },
    };
    all("[data-view]").forEach((button) => button.addEventListener("click", () => views[button.dataset.view]()));
    const keys = {
      ArrowLeft: () => move(-0.1, 0), ArrowRight: () => move(0.1, 0),
      ArrowUp: () => move(0, -0.1), ArrowDown: () => move(0, 0.1),
      "+": views.in, "=": views.in, "-": views.out, 0: fit,
    };
    viewport.addEventListener("keydown", (event) => {
      const act = keys[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      act();
      event.preventDefault();
    });
    viewport.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = viewport.getBoundingClientRect();
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15,
        view.x + (event.clientX - box.left) / box.width * view.width,
        view.y + (event.clientY - box.top) / box.height * view.height);
    }, { passive: false });

    const held = new Map();
    let moved = 0;
    viewport.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      held.set(event.pointerId, [event.clientX, event.clientY]);
      moved = 0;
    });
    addEventListener("pointermove", (event) => {
      const last = held.get(event.pointerId);
      if (!last) return;
      const box = viewport.getBoundingClientRect();
      const [x, y] = [event.clientX - last[0], event.clientY - last[1]];
      moved += Math.abs(x) + Math.abs(y);
      if (held.size === 2) {
        const other = [...held].find(([id]) => id !== event.pointerId)[1];
        const apart = (at) => Math.hypot(at[0] - other[0], at[1] - other[1]) || 1;
        zoom(apart([event.clientX, event.clientY]) / apart(last));
      } else if (moved > 4) {
        viewport.classList.add("moving");
        move(-x / box.width, -y / box.height);
      }
      held.set(event.pointerId, [event.clientX, event.clientY]);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, (event) => {
        held.delete(event.pointerId);
        viewport.classList.remove("moving");
      });
    }
    svg.addEventListener("dragstart", (event) => event.preventDefault());
    svg.addEventListener("click", (event) => { if (moved > 4) event.preventDefault(); }, true);
    viewport.addEventListener("focusin", (event) => {
      if (event.target.matches("a.node:focus-visible")) reveal(event.target);
    });
    addEventListener("resize", begin);
    addEventListener("beforeprint", () => svg.setAttribute("viewBox", `0 0 ${whole.width} ${whole.height}`));
    addEventListener("afterprint", () => look(view.x, view.y, view.width, view.height));
  }

  addEventListener("beforeprint", () => all("details.exact").forEach((fold) => { fold.open = true; }));

  // The search: in all that the page says of a model, and in the names on the graph.
  if (search) {
    const found = document.getElementById("found");
    const texts = new Map();
    const text = (element) => {
      if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
      return texts.get(element);
    };
    let waiting = 0;
    const seek = () => {
      // A whole hash or commit finds the short one that the page shows.
      const wanted = search.value.trim().toLowerCase().replace(/^(?:[a-z0-9-]+:)?([0-9a-f]{7})[0-9a-f]{25,57}(?:\.dir)?$/, "$1");
      const fits = (element) => !wanted || (element !== null && text(element).includes(wanted));
      for (const row of rows) {
        const of = row.dataset.of.split(" ").filter(Boolean).map((id) => document.getElementById(id));
        row.hidden = !fits(row) && !of.some(fits);
      }
      if (svg) {
        viewport.classList.toggle("search", Boolean(wanted));
        all("[data-node]", svg).forEach((item) => item.classList.toggle("found", Boolean(wanted) && fits(item)));
      }
      const models = subjects.filter(fits);
      const nodes = svg ? all(".found", svg).length : 0;
      const shown = subjects.length ? models.length : rows.filter((row) => !row.hidden).length;
      const counted = subjects.length ? `${subjects.length} models` : `${rows.length} rows`;
      found.textContent = wanted ? `${shown} of ${counted} shown, ${nodes} in the graph` : "";
      if (wanted && models.length && !models.includes(chosen)) choose(models[0], false);
      const first = wanted && svg && (svg.querySelector("a.found") || svg.querySelector(".found"));
      if (first) reveal(first);
    };
    search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(seek, 80); });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { search.value = ""; seek(); }
    });
    if (every) every.addEventListener("change", show);
    subjects.forEach((subject) => subject.addEventListener("beforematch", () => choose(subject, false)));
    if (subjects.length) {
      choose(named() || subjects.find((item) => item.querySelector("h2 .stale")) || subjects[0], Boolean(named()));
    }
  }
  if (svg) begin();
  newest(document);
})();
