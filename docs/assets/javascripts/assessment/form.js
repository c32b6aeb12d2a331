// The self-assessment: shows the record in the form, keeps it in this browser, and hands it on.
(() => {
  const page = document.querySelector(".assessment");
  if (!page) return;
  const vocabulary = JSON.parse(document.getElementById("vocabulary").textContent);
  const items = new Map(vocabulary.items.map((item) => [item.id, item]));
  const at = (id) => document.getElementById(id);
  const questions = [...page.querySelectorAll(".question")];
  const siteAddress = document.querySelector("link[rel=canonical]")?.href ?? location.href;
  const absolute = (address) => new URL(address, siteAddress).href;

  /** What the page is about: the record, and the registry or the text that it came from. */
  const blank = () => ({ record: { traits: {}, claims: {} }, base: null, source: "" });
  let state = blank();
  let former = [];

  // --------------------------------------------------------------- keeping

  const KEPT = "self-assessment";

  const keep = () => {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ state, former: former.slice(-5) }));
    } catch {
      notify("error", ["This browser keeps nothing for this page. Download your answers before you leave."]);
    }
  };

  const recall = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT));
      for (const each of [kept.state, ...kept.former]) records.check(each.record, vocabulary);
      state = kept.state;
      former = kept.former;
    } catch {
      state = blank();
    }
  };

  const isEmpty = ({ record }) => !Object.keys(record.claims ?? {}).length && !plan.decided(record.traits);

  // --------------------------------------------------------------- telling

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const notify = (kind, sentences, list = []) => {
    const notice = at("notice");
    notice.className = `notice needs-script ${kind}`;
    notice.replaceChildren(...sentences.map((text) => element("p", { textContent: text })));
    if (list.length) notice.append(element("ul", {}, ...list.map((text) => element("li", { textContent: text }))));
    notice.hidden = false;
    notice.scrollIntoView({ block: "nearest" });
  };

  const refuse = (error, what) => {
    if (!(error instanceof records.Refused)) throw error;
    notify("error", [`${what} was not taken, and your answers are as they were.`], error.reasons);
  };

  // -------------------------------------------------------------- changing

  /** Put other answers in the place of the present ones, which stay at hand. */
  const replace = (next, sentence) => {
    next.record = { ...next.record, traits: next.record.traits ?? {}, claims: next.record.claims ?? {} };
    const changes = isEmpty(state) ? null : records.differences(state.record, next.record, vocabulary);
    if (changes) former.push(state);
    state = next;
    keep();
    show();
    const told = !changes ? "" : changes.length ? ` Against the answers that were here, ${changes.length} changed:` : " They are the same as those that were here.";
    notify("done", [sentence + told], (changes ?? []).map((each) => (each.other ? `${each.name}: words, details or sources` : `${each.name}: ${each.before} → ${each.after}`)));
  };

  /** Change the record if what comes out is right; else say at the field what is not. */
  const change = (field, edit) => {
    const record = structuredClone(state.record);
    edit(record);
    const fault = field.parentElement.querySelector(".fault") ?? field.parentElement.appendChild(element("small", { className: "fault", id: `${field.id || field.name}-fault` }));
    try {
      records.check(record, vocabulary);
    } catch (error) {
      if (!(error instanceof records.Refused)) throw error;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", fault.id);
      fault.textContent = error.reasons.join(" ");
      return false;
    }
    field.removeAttribute("aria-invalid");
    fault.remove();
    state.record = record;
    keep();
    showResults();
    return true;
  };

  const set = (target, key, value) => {
    if (value === "" || (Array.isArray(value) && !value.length)) delete target[key];
    else target[key] = value;
  };

  const claimOf = (record, id) => (record.claims[id] ??= { status: "unknown" });

  // ------------------------------------------------- more about one answer

  const labeled = (id, label, input) => element("p", {}, element("label", { htmlFor: id, textContent: label }), " ", Object.assign(input, { id }));

  const select = (options, value) => element("select", {}, ...Object.entries(options).map(([key, name]) => element("option", { value: key, textContent: name, selected: key === value })));

  /** A field for one column of an item, by the column's type. */
  const columnField = (item, column) => {
    const id = `more-${item.id}-${column.id}`;
    const detail = state.record.claims[item.id]?.details?.[column.id];
    const value = records.bare(detail);
    const store = (field, next) =>
      change(field, (record) => {
        const claim = claimOf(record, item.id);
        claim.details ??= {};
        set(claim.details, column.id, next);
        if (column.id in claim.details && typeof detail === "object" && detail.note) claim.details[column.id] = { value: next, note: detail.note };
        if (!Object.keys(claim.details).length) delete claim.details;
      });
    if (column.type === "choices") {
      const boxes = Object.entries(column.choices).map(([key, name]) => {
        const box = element("input", { type: "checkbox", id: `${id}-${key}`, value: key, checked: value?.includes(key) ?? false });
        return [box, element("label", { htmlFor: box.id }, box, ` ${name}`)];
      });
      const field = element("fieldset", { className: "choices" }, element("legend", { textContent: column.name, title: column.help }), ...boxes.map(([, label]) => label));
      field.addEventListener("change", () => store(field, boxes.map(([box]) => box).filter((box) => box.checked).map((box) => box.value)));
      return field;
    }
    let input;
    if (column.type === "boolean") input = select({ "": "not established", yes: "Yes", no: "No" }, value);
    else if (column.type === "choice") input = select({ "": "not established", ...column.choices }, value);
    else input = element("input", { value: Array.isArray(value) ? value.join(", ") : (value ?? "") });
    const hint = { list: " (with commas between)", duration: " (as in 15 minutes)" }[column.type] ?? "";
    input.title = column.help;
    input.addEventListener("change", () => store(input, column.type === "list" ? input.value.split(",").map((each) => each.trim()).filter(Boolean) : input.value.trim()));
    return labeled(id, column.name + hint, input);
  };

  const sourcesField = (item) => {
    const kinds = vocabulary.schema.$defs.EvidenceKind.enum;
    const prefix = `more-${item.id}-source`;
    const present = (state.record.claims[item.id]?.evidence ?? []).map((evidence) => element("li", {}, element("a", { href: evidence.url, textContent: evidence.title }), ` (${evidence.kind}, read ${evidence.checked})`));
    const [url, title, kind] = [element("input", { type: "url" }), element("input"), select(Object.fromEntries(kinds.map((each) => [each, each])), "docs")];
    const add = element("button", { type: "button", textContent: "Add this source" });
    add.addEventListener("click", () => {
      const now = new Date();
      const checked = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((number) => String(number).padStart(2, "0")).join("-");
      const source = { url: url.value.trim(), title: title.value.trim(), kind: kind.value, checked };
      if (change(add, (record) => (claimOf(record, item.id).evidence ??= []).push(source))) fillMore(item, add.closest(".fields"), `${prefix}-url`);
    });
    return element("fieldset", { className: "sources-asked" }, element("legend", { textContent: "Sources" }), ...(present.length ? [element("ul", {}, ...present)] : []), labeled(`${prefix}-url`, "Address, https", url), labeled(`${prefix}-title`, "Title", title), labeled(`${prefix}-kind`, "Kind", kind), element("p", {}, add));
  };

  const fillMore = (item, fields, focus = "") => {
    const claim = state.record.claims[item.id] ?? {};
    const text = (key, label, rows = 0) => {
      const input = rows ? element("textarea", { rows, value: claim[key] ?? "" }) : element("input", { value: claim[key] ?? "" });
      input.addEventListener("change", () => change(input, (record) => set(claimOf(record, item.id), key, input.value.trim())));
      return labeled(`more-${item.id}-${key}`, label, input);
    };
    fields.replaceChildren(text("since", "Since (2023, 2023-04 or 2023-04-20)"), text("summary", "The fact in one sentence", 2), text("note", "What is missing, disputed or open", 2), ...item.columns.map((column) => columnField(item, column)), sourcesField(item));
    if (focus) at(focus).focus();
  };

  for (const question of questions) {
    const item = items.get(question.dataset.capability);
    const more = at("more").content.firstElementChild.cloneNode(true);
    more.querySelector("summary").append("Since when, in which words, with which source", element("span", { className: "visually-hidden", textContent: `: ${item.name}` }));
    more.addEventListener("toggle", () => more.open && fillMore(item, more.querySelector(".fields")));
    question.append(more);
    question.querySelector(".answers").addEventListener("change", (event) => change(event.currentTarget, (record) => (claimOf(record, item.id).status = event.target.value)));
  }

  // --------------------------------------------------------------- showing

  const show = () => {
    const { record } = state;
    for (const input of page.querySelectorAll(".traits-asked input")) input.checked = record.traits[input.name] === input.value;
    for (const input of page.querySelectorAll("[data-key]")) input.value = record[input.dataset.key] ?? "";
    for (const question of questions) {
      for (const input of question.querySelectorAll(".answers input")) input.checked = record.claims[question.dataset.capability]?.status === input.value;
      question.querySelector("details.more").open = false;
    }
    showResults();
  };

  const showResults = () => {
    const { record } = state;
    const decided = plan.decided(record.traits);
    const asked = decided ? vocabulary.items.filter((item) => plan.status(item, record) !== "not-applicable") : [];
    at("undo").hidden = !former.length;
    page.querySelector(".traits-asked").dataset.name = record.name ?? ""; // for the print
    at("ask-traits").hidden = decided;
    at("items").hidden = !decided;
    page.querySelector(".progress").hidden = !decided;
    at("progress").value = `${asked.filter((item) => plan.answered(item, record)).length} of ${asked.length} answered.`;
    for (const question of questions) question.hidden = !asked.includes(items.get(question.dataset.capability));
    for (const level of page.querySelectorAll(".level")) {
      const here = [...level.querySelectorAll(".question")].map((question) => items.get(question.dataset.capability));
      level.querySelector(".standing").value = plan.standing(here, record);
    }

    const left = decided ? vocabulary.items.filter((item) => !asked.includes(item)) : [];
    at("not-asked").hidden = !left.length;
    at("not-asked").querySelector("summary").textContent = `Not asked, because it does not apply: ${left.length}`;
    at("not-asked").querySelector("ul").replaceChildren(...left.map((item) => element("li", { textContent: `${item.name}. ${item.applies && !plan.applies(item, record.traits) ? item.applies.reason : (record.claims[item.id]?.summary ?? "")}` })));

    const steps = decided ? plan.roadmap(vocabulary, record) : [];
    at("no-steps").hidden = steps.length > 0;
    at("steps").replaceChildren(...steps.map(step));
    showText();
  };

  const step = ({ item, status, first, unlocks }) => {
    const sentences = [`${item.level ? vocabulary.levels[item.level] : "Outside the levels"}, ${item.effort.size} effort: ${item.effort.reason}`];
    if (first.length) sentences.push(`Comes after ${plan.names(first)}.`);
    if (unlocks.length) sentences.push(`Unlocks ${plan.names(unlocks)}.`);
    sentences.push(item.done_by.length ? `Done by ${plan.adopters(item)}.` : "No registry on this site has it wholly yet.");
    const links = [element("a", { href: `${item.page}#prior-art`, textContent: item.done_by.length ? "How they did it" : "Who has it in part" }, element("span", { className: "visually-hidden", textContent: `, ${item.name}` }))];
    if (item.guidance) links.push(" · ", element("a", { href: item.guidance, textContent: "Guidance" }, element("span", { className: "visually-hidden", textContent: ` on ${item.name}` })));
    const made = element("li", {}, element("a", { href: `#ask-${item.id}`, textContent: item.name }), ` ${vocabulary.statuses[status].toLowerCase()}`, element("p", { textContent: `${sentences.join(" ")} ` }, ...links));
    made.dataset.capability = item.id;
    return made;
  };

  // --------------------------------------------------------- handing it on

  const FORMS = {
    yaml: { name: () => `${state.record.id || "registry"}.yaml`, type: "application/yaml", text: () => records.write(state.record, vocabulary, state.source) },
    checklist: { name: () => "checklist.md", type: "text/markdown", text: () => plan.checklist(vocabulary, state.record, absolute) },
    roadmap: { name: () => "roadmap.md", type: "text/markdown", text: () => plan.proposal(vocabulary, state.record, absolute) },
    csv: { name: () => "roadmap.csv", type: "text/csv", text: () => plan.csv(vocabulary, state.record, absolute) },
  };
  const form = () => FORMS[at("form").value];

  const showText = () => {
    at("result").value = form().text();
    at("still-needed").textContent = at("form").value === "yaml" ? stillNeeded() : "";
  };

  /** What a pull request still lacks, as one sentence; empty where nothing does. */
  const stillNeeded = () => {
    const { record } = state;
    const given = vocabulary.items.filter((item) => record.claims[item.id] && !["unknown", "not-applicable"].includes(record.claims[item.id].status));
    const without = (key, among = given) => among.filter((item) => !record.claims[item.id][key]?.length);
    const lacks = [];
    const keys = vocabulary.schema.required.filter((key) => key !== "claims" && !record[key]);
    if (!plan.decided(record.traits)) keys.push("traits");
    if (keys.length) lacks.push(keys.join(", "));
    for (const [key, what, among] of [["summary", "a sentence for", given], ["evidence", "a source for", given], ["note", "a note on what is missing for", given.filter((item) => record.claims[item.id].status === "partial")]]) {
      const missing = without(key, among);
      if (missing.length) lacks.push(`${what} ${missing.length > 4 ? `${missing.length} items` : plan.names(missing)}`);
    }
    return lacks.length ? `For a pull request the file still needs: ${lacks.join("; ")}.` : "";
  };

  const copy = async (text, button) => {
    if (await handingOn.copy(text, button, "Selected: copy it now")) return;
    at("result").value = text;
    at("result").focus();
    at("result").select();
  };

  at("form").addEventListener("change", showText);
  at("copy").addEventListener("click", (event) => copy(form().text(), event.currentTarget));
  at("print").addEventListener("click", () => window.print());
  at("download").addEventListener("click", () => handingOn.download(form().name(), form().type, form().text()));

  // Longer addresses are cut off by what people send them with.
  const LONGEST_LINK = 8000;

  at("copy-link").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    const base = state.base ? records.read(state.source, vocabulary) : null;
    const address = `${location.href.replace(/[?#].*/, "")}#answers=${await records.pack(state.record, state.base, base)}`;
    if (address.length > LONGEST_LINK) notify("error", [`With ${address.length} characters the link would be too long to send. Download the YAML instead; whoever gets it can import it here.`]);
    else await copy(address, button);
  });

  // ---------------------------------------------------------- bringing it in

  /** The file of a registry on this site, as text. */
  const listed = async (id) => {
    let answer;
    try {
      answer = await fetch(`${page.dataset.registries}${id}.yaml`);
    } catch {
      const way = location.protocol === "file:" ? " Pages that are opened from a folder may load nothing: import the file from data/v1/registries instead." : "";
      throw new records.Refused(`The file of ${id} could not be loaded.${way}`);
    }
    if (!answer.ok) throw new records.Refused(`There is no file of a registry ${id} here.`);
    return answer.text();
  };

  const startFrom = async (id) => {
    try {
      const source = await listed(id);
      const record = records.read(source, vocabulary);
      replace({ record, base: id, source }, `These are the answers of ${record.name}.`);
    } catch (error) {
      refuse(error, "The registry");
    }
  };

  const openLink = async (text) => {
    try {
      const { base, record } = await records.unpack(text, vocabulary);
      const source = base ? await listed(base) : "";
      const whole = base ? records.read(source, vocabulary) : {};
      replace({ record: { ...whole, ...record, claims: { ...whole.claims, ...record.claims } }, base, source }, "The answers of the link are here.");
    } catch (error) {
      refuse(error, "The link");
    }
  };

  at("load").addEventListener("click", () => at("start-from").value && startFrom(at("start-from").value));
  at("import").addEventListener("change", async (event) => {
    const input = event.currentTarget;
    const [file] = input.files;
    if (!file) return;
    try {
      if (file.size > records.LIMIT) throw records.tooLarge(file.size);
      const source = await file.text();
      replace({ record: records.read(source, vocabulary), base: null, source }, `${file.name} is imported.`);
    } catch (error) {
      refuse(error, file.name);
    } finally {
      input.value = ""; // so that the same file can be chosen again
    }
  });
  at("clear").addEventListener("click", () => replace(blank(), "All answers are empty."));
  at("undo").addEventListener("click", () => {
    const back = former.pop();
    if (!back) return;
    const changes = records.differences(state.record, back.record, vocabulary);
    state = back;
    keep();
    show();
    notify("done", [`Your former answers are back; ${changes.length} differ from those that you left.`]);
  });

  for (const input of page.querySelectorAll(".traits-asked input")) input.addEventListener("change", () => change(input.closest("fieldset"), (record) => (record.traits[input.name] = input.value)));
  for (const input of page.querySelectorAll("[data-key]")) input.addEventListener("change", () => change(input, (record) => set(record, input.dataset.key, input.value.trim())));

  at("next-open").addEventListener("click", () => {
    const open = questions.filter((question) => !question.hidden && !question.querySelector(".answers :checked"));
    const here = questions.findIndex((question) => question.contains(lastQuestion));
    const next = open.find((question) => questions.indexOf(question) > here) ?? open[0];
    if (!next) return notify("done", ["Every question is answered."]);
    next.scrollIntoView({ block: "center" });
    next.querySelector(".answers input").focus();
  });
  let lastQuestion = null;
  at("items").addEventListener("focusin", (event) => (lastQuestion = event.target));

  const arrive = async () => {
    const from = new URLSearchParams(location.search).get("from");
    const [, answers] = location.hash.match(/^#answers=(.*)$/) ?? [];
    if (from === null && answers === undefined) return;
    // What came with the address is taken once; a reload must not undo what was answered since.
    history.replaceState(null, "", location.pathname + (answers === undefined ? location.hash : ""));
    await (answers === undefined ? startFrom(from) : openLink(answers));
    if (location.hash) at(location.hash.slice(1))?.scrollIntoView();
  };

  recall();
  page.classList.add("ready");
  show();
  arrive();
  addEventListener("hashchange", arrive);
})();
