// The matrix: filters, turns and sorts the table that the page holds, and shows a card with note and sources for a cell.
// What is chosen stands in the address, so that it can be shared.
(() => {
  const root = document.querySelector(".explorer");
  if (!root) return;
  const form = root.querySelector("form");
  const table = root.querySelector("table");
  const scroller = root.querySelector(".table-scroll");
  const details = JSON.parse(document.getElementById("matrix-details").textContent);
  const nameOf = (head) => head.textContent.trim();

  // ------------------------------------------------- what the table holds

  const registries = [...table.tBodies[0].rows].map((row) => ({ kind: "registry", id: row.dataset.registry, name: nameOf(row.cells[0]), link: row.cells[0].firstElementChild, accounts: row.dataset.accounts, packages: row.dataset.packages }));
  const capabilities = [...table.tHead.querySelectorAll("[data-capability]")].map((head) => ({ kind: "capability", id: head.dataset.capability, name: nameOf(head), link: head.firstElementChild, track: head.dataset.track, level: head.dataset.level }));
  const tracks = [...table.tHead.querySelectorAll("[data-track]:not([data-capability])")].map((head) => ({ id: head.dataset.track, name: nameOf(head) }));
  const cells = new Map();
  for (const row of table.tBodies[0].rows)
    [...row.cells].slice(1).forEach((cell, index) => {
      const [registry, capability] = [row.dataset.registry, capabilities[index].id];
      cells.set(cell.id, { cell, registry, capability, status: cell.dataset.status, since: cell.querySelector("time")?.dateTime ?? "", ...details.cells[registry]?.[capability] });
    });
  const cellOf = (one, other) => (one.kind === "registry" ? cells.get(`matrix-${one.id}-${other.id}`) : cells.get(`matrix-${other.id}-${one.id}`));

  // ------------------------------------------------------------- choosing

  const boxes = (name) => [...form.querySelectorAll(`[name=${name}]`)];
  const value = (name) => form.elements[name].value.trim();
  const isDate = (text) => /^\d{4}(-\d{2}(-\d{2})?)?$/.test(text);

  /** Compares dates as far as both are exact. */
  const notBefore = (one, other) => one.slice(0, other.length) >= other.slice(0, one.length);

  const chosen = () => {
    const of = (name) => new Set(boxes(name).filter((box) => box.checked).map((box) => box.value));
    return { registries: of("registries"), capabilities: of("capabilities"), q: value("q").toLowerCase(), track: value("track"), level: value("level"), status: value("status"), from: value("from"), to: value("to"), accounts: value("accounts"), packages: value("packages"), turned: value("rows") === "capabilities", sort: value("sort") };
  };

  const shown = (wanted) => {
    const [from, to] = [wanted.from, wanted.to].map((text) => (isDate(text) ? text : ""));
    const picky = Boolean(wanted.q || wanted.status || from || to);
    const matches = ({ status, since, summary = "", note }, registry, capability) =>
      (!wanted.status || status === wanted.status) &&
      (!from || (since && notBefore(since, from))) &&
      (!to || (since && notBefore(to, since))) &&
      (!wanted.q || [registry.name, capability.name, summary, note ?? ""].some((text) => text.toLowerCase().includes(wanted.q)));
    let rows = registries.filter((each) => wanted.registries.has(each.id) && (!wanted.accounts || each.accounts === wanted.accounts) && (!wanted.packages || each.packages === wanted.packages));
    let columns = capabilities.filter((each) => wanted.capabilities.has(each.id) && (!wanted.track || each.track === wanted.track) && (!wanted.level || each.level === wanted.level));
    const hits = new Set();
    if (picky) {
      for (const row of rows) for (const column of columns) if (matches(cellOf(row, column), row, column)) hits.add(cellOf(row, column).cell.id);
      rows = rows.filter((row) => columns.some((column) => hits.has(cellOf(row, column).cell.id)));
      columns = columns.filter((column) => rows.some((row) => hits.has(cellOf(row, column).cell.id)));
    }
    return { picky, hits, registries: rows, capabilities: columns };
  };

  // -------------------------------------------------------------- showing

  const made = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const heads = new Map();
  const head = (each, scope) => {
    const cell = made("th", { scope }, each.link);
    // Whichever way the table is turned, the address of a row or a column leads to its head.
    cell.id = `matrix-${each.id}`;
    heads.set(cell.id, { cell, name: each.name, scope });
    return cell;
  };

  const oldestFirst = (columns, sort) => {
    const column = columns.find((each) => each.id === sort);
    if (!column) return () => 0;
    return (one, other) => {
      const [a, b] = [cellOf(one, column).since, cellOf(other, column).since];
      return a && b ? a.localeCompare(b) : Number(!a) - Number(!b);
    };
  };

  const show = () => {
    const wanted = chosen();
    const { picky, hits, ...parts } = shown(wanted);
    const [rows, columns] = wanted.turned ? [parts.capabilities, parts.registries] : [parts.registries, parts.capabilities];
    offerSorting(columns, wanted);
    const sorted = Boolean(columns.find((each) => each.id === wanted.sort));
    const groups = (list) => (sorted && list === rows ? [] : tracks.map((track) => ({ track, members: list.filter((each) => each.track === track.id) })).filter(({ members }) => members.length));

    const top = made("thead");
    const corner = made("th", { scope: "col", textContent: wanted.turned ? "Capability" : "Registry" });
    if (wanted.turned) top.append(made("tr", {}, corner, ...columns.map((each) => head(each, "col"))));
    else {
      corner.rowSpan = 2;
      top.append(made("tr", {}, corner, ...groups(columns).map(({ track, members }) => made("th", { scope: "colgroup", colSpan: members.length, textContent: track.name }))), made("tr", {}, ...columns.map((each) => head(each, "col"))));
    }

    const line = (each) => {
      const row = made("tr", {}, head(each, "row"));
      for (const column of columns) {
        const { cell } = cellOf(each, column);
        cell.classList.toggle("match", hits.has(cell.id));
        row.append(cell);
      }
      return row;
    };
    const ordered = rows.toSorted(oldestFirst(columns, wanted.sort));
    const bodies = wanted.turned && !sorted
      ? groups(rows).map(({ track, members }) => made("tbody", {}, made("tr", { className: "group" }, made("th", { scope: "rowgroup", colSpan: columns.length + 1, textContent: track.name })), ...members.map(line)))
      : [made("tbody", {}, ...ordered.map(line))];

    for (const part of table.querySelectorAll("thead, tbody")) part.remove();
    table.append(top, ...bodies);
    scroller.hidden = !rows.length || !columns.length;
    form.querySelector("output").value = `${parts.registries.length} of ${registries.length} registries, ${parts.capabilities.length} of ${capabilities.length} capabilities${picky ? `, ${hits.size} cells match` : ""}.`;
    return { rows: ordered, columns, picky, hits };
  };

  const offerSorting = (columns, wanted) => {
    const select = form.elements.sort;
    select.replaceChildren(made("option", { value: "", textContent: wanted.turned ? "Track and level" : "Name" }), ...columns.map((each) => made("option", { value: each.id, textContent: `Date: ${each.name}`, selected: each.id === wanted.sort })));
  };

  // ----------------------------------------------------------- the address

  const FIELDS = ["q", "track", "level", "status", "from", "to", "accounts", "packages", "rows", "sort"];
  const LISTS = ["registries", "capabilities"];

  const address = () => {
    const url = new URL(location.href);
    url.search = "";
    for (const name of FIELDS) if (value(name)) url.searchParams.set(name, value(name));
    for (const name of LISTS) {
      const all = boxes(name);
      const on = all.filter((box) => box.checked);
      if (on.length < all.length) url.searchParams.set(name, on.map((box) => box.value).join(","));
    }
    return url.href.replaceAll("%2C", ",");
  };

  const restore = () => {
    const asked = new URLSearchParams(location.search);
    for (const name of LISTS) {
      if (!asked.has(name)) continue;
      const wanted = asked.get(name).split(",");
      const known = boxes(name).filter((box) => wanted.includes(box.value));
      if (known.length) for (const box of boxes(name)) box.checked = known.includes(box);
    }
    for (const name of FIELDS) {
      const field = form.elements[name];
      // What there is to sort by hangs on the columns.
      if (name === "sort") offerSorting(value("rows") ? registries : capabilities, { turned: Boolean(value("rows")), sort: asked.get("sort") });
      else if (asked.has(name) && (field.tagName === "INPUT" || [...field.options].some((option) => option.value === asked.get(name)))) field.value = asked.get(name);
    }
  };

  const remember = () => {
    closeCard();
    show();
    history.replaceState(null, "", address());
  };

  form.addEventListener("input", remember);
  form.addEventListener("reset", () => setTimeout(remember));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector(".copy-link").addEventListener("click", (event) => handingOn.copy(address(), event.currentTarget));
  form.querySelector(".download").addEventListener("click", () => {
    const { rows, columns, picky, hits } = show();
    const lines = [["registry", "capability", "track", "level", "status", "since", "summary"]];
    for (const row of rows)
      for (const column of columns) {
        const item = cellOf(row, column);
        if (picky && !hits.has(item.cell.id)) continue;
        const { track, level } = row.kind === "capability" ? row : column;
        lines.push([item.registry, item.capability, track, level === "none" ? "" : level, item.status, item.since, item.summary]);
      }
    handingOn.download("matrix.csv", "text/csv", handingOn.csv(lines));
  });

  // -------------------------------------------------------------- the card

  const card = made("div", { className: "card" });
  let shownFor = null;

  const closeCard = () => {
    card.remove();
    shownFor = null;
  };

  const openCard = (item) => {
    if (shownFor === item) return;
    const name = (list, id) => list.find((each) => each.id === id).name;
    const title = item.name ?? `${name(registries, item.registry)}: ${name(capabilities, item.capability)}`;
    const copy = made("button", { type: "button", textContent: `Copy link to this ${{ row: "row", col: "column" }[item.scope] ?? "cell"}` });
    copy.addEventListener("click", () => handingOn.copy(`${address().replace(/#.*/, "")}#${item.cell.id}`, copy));
    const sources = (item.sources ?? []).map((number) => made("li", {}, made("a", { href: details.sources[number].url, textContent: details.sources[number].title })));
    if (item.more) sources.push(made("li", { textContent: `and ${item.more} more on the capability's page` }));
    card.replaceChildren(
      made("p", {}, made("b", { textContent: title })),
      ...(item.name ? [] : [made("p", { textContent: item.summary ?? "Nobody has researched this yet." })]),
      ...(item.note ? [made("p", { className: "note", textContent: item.note })] : []),
      ...(sources.length ? [made("ul", {}, ...sources)] : []),
      made("p", {}, copy),
    );
    item.cell.append(card);
    const here = item.cell.getBoundingClientRect();
    const box = card.getBoundingClientRect();
    const below = here.bottom + box.height < innerHeight || here.top < box.height;
    card.style.left = `${Math.max(8, Math.min(here.left, innerWidth - box.width - 8))}px`;
    card.style.top = `${below ? Math.min(here.bottom - 1, innerHeight - box.height - 8) : here.top - box.height + 1}px`;
    shownFor = item;
  };

  const itemAt = (target) => {
    const id = target.closest?.("td, th")?.id;
    return cells.get(id) ?? heads.get(id);
  };
  let waiting;
  table.addEventListener("mouseover", (event) => {
    clearTimeout(waiting);
    const item = itemAt(event.target);
    // A pointer that only passes opens nothing.
    waiting = setTimeout(() => (item ? openCard(item) : closeCard()), item === shownFor ? 0 : 250);
  });
  table.addEventListener("mouseleave", () => {
    clearTimeout(waiting);
    if (!shownFor?.cell.contains(document.activeElement)) closeCard();
  });
  table.addEventListener("focusin", (event) => {
    const item = itemAt(event.target);
    if (item) openCard(item);
    else closeCard();
  });
  table.addEventListener("focusout", (event) => {
    if (shownFor && !shownFor.cell.contains(event.relatedTarget)) closeCard();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeCard());
  scroller.addEventListener("scroll", () => shownFor?.cell.contains(document.activeElement) || closeCard());

  restore();
  // On a phone the table comes first and most filters are folded; what is set must be seen all the same.
  const more = form.querySelector(".more-filters");
  const unfold = (open) => {
    more.classList.toggle("unfolded", open);
    form.querySelector(".unfold button").setAttribute("aria-expanded", open);
  };
  form.querySelector(".unfold button").addEventListener("click", () => unfold(!more.classList.contains("unfolded")));
  unfold([...more.querySelectorAll("input, select")].some((field) => (field.type === "checkbox" ? !field.checked : field.value)));
  root.classList.add("ready");
  show();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: "center", inline: "center" });
})();
