// Records in the schema of data/registries: read, checked, compared and written. Nothing here touches the page.
window.records = (() => {
  // Ten times the largest file on the site, in bytes.
  const LIMIT = 1_000_000;
  const MODELINE = "# yaml-language-server: $schema=../schema/registry.json\n";
  // Every value stays text, as in the project's own reading: no, 1.10 and 2023-02 mean what is written.
  const AS_TEXT = { schema: jsyaml.FAILSAFE_SCHEMA };

  /** Input that is not taken; `reasons` are sentences for the reader. */
  class Refused extends Error {
    constructor(...reasons) {
      super(reasons.join(" "));
      this.reasons = reasons;
    }
  }

  const isMapping = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const equal = (one, other) => JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
  const canonical = (value) => {
    if (Array.isArray(value)) return value.map(canonical);
    if (!isMapping(value)) return value;
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
  };

  // While somebody is at work everything may still be missing; what is there must be right.
  const validators = new WeakMap();
  const validator = (vocabulary) => {
    if (!validators.has(vocabulary)) {
      const draft = structuredClone(vocabulary.schema);
      delete draft.required;
      for (const name of ["Claim", "Traits"]) delete draft.$defs[name].required;
      validators.set(vocabulary, new JsonSchema.Validator(draft, "2020-12", false));
    }
    return validators.get(vocabulary);
  };

  const SAID = {
    false: () => "is a key that is not known here",
    enum: (value, error) => `says “${value}”; it must be one of ${error.match(/\[(.*)\]/)[1].replaceAll('"', "").replaceAll(",", ", ")}`,
    type: (value, error) => `must be ${{ string: "a text", object: "keys with values", array: "a list" }[error.match(/Expected "(\w+)"/)?.[1]] ?? "of another form"}`,
    minLength: () => "is empty",
    minItems: () => "is an empty list",
    required: (value, error) => `lacks ${error.match(/"(.*)"/)[1]}`,
    format: (value) => `says “${value}”, which is no day; write it as 2026-04-20`,
    pattern: (value) => (/<[A-Za-z/!?]/.test(value) ? "holds HTML; write plain text" : `says “${value}”, which is not of the form that is asked for`),
  };

  const valueAt = (record, steps) => steps.reduce((value, step) => value?.[step], record);

  /** Throws `Refused` with at most eight reasons unless the record fits the schema, the items and their columns. */
  const check = (record, vocabulary) => {
    if (!isMapping(record)) throw new Refused("This is no registry's file: it holds no keys with values.");
    const reasons = new Set();
    for (const { instanceLocation, keyword, error } of validator(vocabulary).validate(record).errors) {
      if (!Object.hasOwn(SAID, keyword)) continue;
      const steps = instanceLocation.split("/").slice(1).map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
      const value = valueAt(record, steps);
      reasons.add(`${steps.join(" › ") || "The file"} ${SAID[keyword](typeof value === "string" ? value.slice(0, 60) : "something else", error)}.`);
    }
    const items = new Map(vocabulary.items.map((item) => [item.id, item]));
    for (const [id, claim] of Object.entries(isMapping(record.claims) ? record.claims : {})) {
      if (!items.has(id)) reasons.add(`claims › ${id}: there is no capability of this id.`);
      else if (isMapping(claim?.details)) for (const reason of columnFaults(items.get(id), claim.details)) reasons.add(`claims › ${id} › details › ${reason}`);
    }
    if (reasons.size) throw new Refused(...[...reasons].slice(0, 8), ...(reasons.size > 8 ? [`And ${reasons.size - 8} more.`] : []));
    return record;
  };

  const bare = (detail) => (isMapping(detail) ? detail.value : detail);

  function* columnFaults(item, details) {
    for (const [id, detail] of Object.entries(details)) {
      const column = item.columns.find((each) => each.id === id);
      const value = bare(detail);
      if (!column) yield `${id}: ${item.name} has no such column.`;
      else if (["list", "choices"].includes(column.type) !== Array.isArray(value)) yield `${id} takes ${Array.isArray(value) ? "a single value" : "a list"}.`;
      else if (column.type === "boolean" && !["yes", "no"].includes(value)) yield `${id} says “${value}”; it must be yes or no.`;
      else if (column.choices) for (const each of [value].flat()) if (!Object.hasOwn(column.choices, each)) yield `${id} says “${each}”; it must be of ${Object.keys(column.choices).join(", ")}.`;
    }
  }

  /** The record in a text of YAML. Throws `Refused`. */
  const read = (text, vocabulary) => {
    if (text.length > LIMIT) throw tooLarge(text.length);
    let value;
    try {
      value = jsyaml.load(text, AS_TEXT);
    } catch (error) {
      throw new Refused(`This is not YAML: ${error.reason ?? error.message}${error.mark ? `, in line ${error.mark.line + 1}` : ""}.`);
    }
    return check(value, vocabulary);
  };

  const tooLarge = (size) => new Refused(`This has ${(size / 1_000_000).toFixed(1)} MB; a registry's file has at most ${LIMIT / 1_000_000} MB.`);

  // -------------------------------------------------------------- writing

  const inOrderOf = (names, value) => Object.fromEntries([...names.filter((name) => name in value), ...Object.keys(value).filter((name) => !names.includes(name))].map((name) => [name, value[name]]));

  const dump = (value) => jsyaml.dump(value, { ...AS_TEXT, lineWidth: 120, noRefs: true });

  /** A claim as it is written: in the order of the schema. */
  const written = (claim, schema) => inOrderOf(Object.keys(schema.$defs.Claim.properties), claim);

  /** What is worth writing: an answer “unknown” without a word says no more than no answer. */
  const complete = (record, vocabulary) => {
    const claims = Object.entries(record.claims ?? {}).filter(([, claim]) => claim.status !== "unknown" || Object.keys(claim).length > 1);
    const order = vocabulary.items.map((item) => item.id);
    const sorted = inOrderOf(order, Object.fromEntries(claims.map(([id, claim]) => [id, written(claim, vocabulary.schema)])));
    return inOrderOf(Object.keys(vocabulary.schema.properties), { ...record, claims: sorted });
  };

  /** The lines of a key at this indentation, as [start, end); start is -1 where it is missing. */
  const block = (lines, key, indent, from = 0) => {
    const start = lines.findIndex((line, index) => index >= from && line.startsWith(`${" ".repeat(indent)}${key}:`));
    let end = start + 1;
    while (end < lines.length && (lines[end].trim() === "" || lines[end].search(/\S/) > indent)) end += 1;
    return [start, end];
  };

  /** The source with only those lines written anew that say something else now, so that a pull request shows what changed. */
  const spliced = (record, source) => {
    const before = jsyaml.load(source, AS_TEXT);
    const lines = source.replace(/\n*$/, "").split("\n");
    const replace = (key, value, indent, from = 0) => {
      const text = dump({ [key]: value }).trimEnd().split("\n").map((line) => (line ? " ".repeat(indent) + line : line));
      const [start, end] = block(lines, key, indent, from);
      if (start < 0) lines.splice(from, 0, ...text);
      else lines.splice(start, end - start, ...text);
    };
    for (const key of Object.keys(record)) if (key !== "claims" && !equal(record[key], before[key])) replace(key, record[key], 0, key in before ? 0 : block(lines, "claims", 0)[0]);
    for (const [id, claim] of Object.entries(record.claims)) {
      const [start, end] = block(lines, "claims", 0);
      if (!equal(claim, before.claims?.[id])) replace(id, claim, 2, id in (before.claims ?? {}) ? start : end);
    }
    return `${lines.join("\n")}\n`;
  };

  /** The record as YAML. With the text that it was read from, whatever did not change stays as it was written there. */
  const write = (record, vocabulary, source = "") => {
    const value = complete(record, vocabulary);
    if (source) {
      const text = spliced(value, source);
      if (equal(jsyaml.load(text, AS_TEXT), value)) return text;
    }
    return MODELINE + dump(value);
  };

  // ------------------------------------------------------------- comparing

  /** What differs, as `{name, before, after}` with statuses, or with `other` where only words, details or sources do. */
  const differences = (before, after, vocabulary) => {
    const found = [];
    for (const key of Object.keys(vocabulary.schema.properties)) if (key !== "claims" && !equal(before[key] ?? null, after[key] ?? null)) found.push({ name: key[0].toUpperCase() + key.slice(1).replaceAll("_", " "), other: true });
    for (const item of vocabulary.items) {
      const [old, fresh] = [before.claims?.[item.id], after.claims?.[item.id]];
      if (equal(old ?? null, fresh ?? null)) continue;
      const [from, to] = [old, fresh].map((claim) => vocabulary.statuses[claim?.status ?? "unknown"]);
      const dates = [old, fresh].map((claim) => (claim?.since ? ` since ${claim.since}` : ""));
      found.push(from + dates[0] === to + dates[1] ? { name: item.name, other: true } : { name: item.name, before: from + dates[0], after: to + dates[1] });
    }
    return found;
  };

  // ----------------------------------------------------------------- links

  const squeeze = async (bytes, transform, limit = Infinity) => {
    const parts = [];
    let size = 0;
    for (const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      parts.push(value);
      if ((size += value.length) > limit) throw tooLarge(size);
    }
  };

  /** The answers as text for an address: those that differ from `base`, a registry's record, or all. */
  const pack = async (record, baseId, base) => {
    const own = { ...record, claims: { ...record.claims } };
    if (baseId) {
      for (const key of Object.keys(own)) if (key !== "claims" && equal(own[key], base[key])) delete own[key];
      for (const id of Object.keys(own.claims)) if (equal(own.claims[id], base.claims[id])) delete own.claims[id];
    }
    const bytes = await squeeze(new TextEncoder().encode(JSON.stringify({ version: 1, base: baseId || null, record: own })), new CompressionStream("deflate-raw"));
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };

  /** What `pack` wrote: `{base, record}`, the record still without what it shares with its base. Throws `Refused`. */
  const unpack = async (text, vocabulary) => {
    let state;
    try {
      const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
      state = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await squeeze(bytes, new DecompressionStream("deflate-raw"), LIMIT)));
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Refused("The link is damaged: it was cut off or changed on its way.");
    }
    if (state?.version !== 1 || !(state.base === null || /^[a-z0-9-]+$/.test(state.base))) throw new Refused("The link is of a form that this page does not know.");
    return { base: state.base, record: check(state.record, vocabulary) };
  };

  return { LIMIT, Refused, check, read, tooLarge, write, differences, pack, unpack, equal, bare };
})();
