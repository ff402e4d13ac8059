// From docs/sizes.json to the figures of a choice. What was measured is shown as it is; a choice that was not is the
// nearest image that was, with the costs of the switches that differ added.

const FIGURES = ["image", "ours", "static_ram", "heap_peak", "heap_idle", "context", "session", "stack",
  "handshake", "resumed", "sending", "receiving"];
export const RAM_PARTS = ["static_ram", "heap_peak", "stack"];
export const SMALL_RECORDS = 2048, LARGE_RECORDS = 16384;

export const ram = (row) => row.static_ram + row.heap_peak + row.stack;
export const ramIdle = (row) => row.static_ram + row.heap_idle;

const sameChanges = (a, b) =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name]);

// a + factor * (b - c), figure by figure; one that any of them lacks is left out.
function shifted(a, factor, b, c) {
  const sum = (x, y, z) => [x, y, z].includes(undefined) ? undefined : x + factor * (y - z);
  const flash = Object.fromEntries(Object.keys(a.flash).map((layer) =>
    [layer, sum(a.flash[layer], b.flash[layer] ?? 0, c.flash[layer] ?? 0)]));
  return { flash, ...Object.fromEntries(FIGURES.map((name) => [name, sum(a[name], b[name], c[name])])) };
}

export class Model {
  constructor(data) {
    Object.assign(this, data); // images, switches, capabilities, table, profiles, layers, targets, backends
    this.switchOf = new Map(this.table.map((row) => [row.name, row]));
  }

  image(target, profile, backend) {
    return this.images.find((row) => row.target === target && row.profile === profile && row.backend === backend);
  }

  // A row may be older than a switch that needs one of those it turns off: the image lacks that one as well.
  variant(target, backend, base, changes) {
    return this.switches.find((row) => row.target === target && row.backend === backend && row.profile === base &&
      sameChanges(this.completed(base, row.changes), changes));
  }

  completed(profile, changes) {
    return Object.entries(changes).reduce((choice, [name, on]) => this.turned(choice, name, on), { profile, changes: {} }).changes;
  }

  isDefault(name, profile) {
    return this.switchOf.get(name).on[this.profiles.indexOf(profile)];
  }

  isOn(choice, name) {
    return choice.changes[name] ?? this.isDefault(name, choice.profile);
  }

  // Another choice, with this switch turned, and with it what it needs or what needs it.
  turned(choice, name, on) {
    const changes = { ...choice.changes };
    const set = (each) => {
      if (on === this.isDefault(each, choice.profile)) delete changes[each];
      else changes[each] = on;
    };
    set(name);
    if (on) this.switchOf.get(name).needs.forEach(set);
    else this.table.filter((row) => row.needs.includes(name)).forEach((row) => set(row.name));
    return { ...choice, changes };
  }

  can(backend, name) {
    const { capability, library } = this.switchOf.get(name);
    return !library || this.capabilities[backend].includes(capability);
  }

  // What is on in a choice and not in this library.
  lacking(choice, backend) {
    return this.table.map((row) => row.name).filter((name) => this.isOn(choice, name) && !this.can(backend, name));
  }

  // Two measured rows that differ by one switch, and by what had to be turned with it. A switch that is turned off is taken
  // from `full`, one that is turned on from `smallest`, where each was measured so.
  pair(target, backend, name, on) {
    for (const base of on ? ["smallest", "full"] : ["full", "smallest"]) {
      const row = this.switches.find((each) => each.target === target && each.backend === backend && each.profile === base &&
        Object.keys(each.changes)[0] === name);
      const before = this.variant(target, backend, base, {});
      if (row && before) return { row, before, isOn: row.changes[name], also: Object.keys(row.changes).slice(1) };
    }
    return undefined;
  }

  // `row` with the switch turned; undefined: its cost is not known.
  withSwitch(row, target, backend, name, on) {
    const pair = this.pair(target, backend, name, on);
    if (!pair) return undefined;
    let result = shifted(row, pair.isOn === on ? 1 : -1, pair.row, pair.before);
    for (const other of pair.also) {
      const without = this.withSwitch(result, target, backend, other, !on); // its share of the pair, taken back
      if (!without) return undefined;
      result = without;
    }
    if (name === "resumption") result.resumed = on ? pair.row.resumed ?? pair.before.resumed : undefined;
    else result.resumed ??= row.resumed;
    return result;
  }

  // Bytes of flash that a switch adds, whichever way it is turned from the profile.
  cost(target, backend, name, profile) {
    if (!this.can(backend, name)) return undefined;
    const on = !this.isDefault(name, profile);
    const zero = { flash: {}, ...Object.fromEntries(FIGURES.map((figure) => [figure, 0])) };
    const result = this.withSwitch(zero, this.pricedOn(target, backend), backend, name, on);
    return result && (on ? result.image : -result.image);
  }

  // The target whose costs are taken: its own, else the Cortex-M4's.
  pricedOn(target, backend) {
    return this.variant(target, backend, "full", {}) ? target : "cortex-m4";
  }

  // { row, exact, notes } of a choice on a backend; row is undefined where nothing near it was measured.
  figures(choice, backend) {
    const { target, profile, changes, records } = choice;
    const small = records === SMALL_RECORDS;
    const none = Object.keys(changes).length === 0;
    const plain = this.image(target, profile, backend);
    const measured =
      none ? (small ? plain : profile === "smallest" && this.image(target, "16K-records", backend)) :
      small ? (profile === "smallest" && sameChanges(changes, { verification: false }) && this.image(target, "unverified", backend)) ||
        this.variant(target, backend, profile, changes) : undefined;
    if (measured) return { row: measured, exact: true, notes: [] };
    if (!plain) return { notes: [] };
    let row = plain;
    const notes = [];
    const from = this.pricedOn(target, backend);
    const known = Object.entries(changes).filter(([name]) => this.can(backend, name));
    const unknown = [];
    for (const [name, on] of known) {
      const next = this.withSwitch(row, from, backend, name, on);
      if (next) row = next;
      else unknown.push(name);
    }
    if (unknown.length) notes.push(`not measured, and not in these figures: ${unknown.join(", ")}`);
    if (known.length > unknown.length && from !== target) notes.push("costs of switches are the Cortex-M4's");
    if (!small) {
      const [large, usual] = ["16K-records", "smallest"].map((name) => this.image(target, name, backend));
      if (large && usual) row = { ...shifted(row, 1, large, usual), resumed: row.resumed };
      else notes.push("records of 16 KB are not measured, and not in these figures");
    }
    return { row, exact: row === plain && !notes.length, notes };
  }
}
