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

// a + factor * b, figure by figure; one that either lacks is left out.
function sum(a, factor, b) {
  const added = (x, y) => [x, y].includes(undefined) ? undefined : x + factor * y;
  const flash = Object.fromEntries([...new Set([...Object.keys(a.flash), ...Object.keys(b.flash)])].map((layer) =>
    [layer, (a.flash[layer] ?? 0) + factor * (b.flash[layer] ?? 0)]));
  return { flash, ...Object.fromEntries(FIGURES.map((name) => [name, added(a[name], b[name])])) };
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

  // Another choice, with this switch turned, and with it what it needs or what needs it. Without certificates there are keys.
  turned(choice, name, on) {
    const changes = { ...choice.changes };
    if (on === this.isDefault(name, choice.profile)) delete changes[name];
    else changes[name] = on;
    const { needs, instead } = this.switchOf.get(name);
    const along = on ? needs : this.table.filter((row) => row.needs.includes(name)).map((row) => row.name);
    const others = along.map((other) => [other, on]);
    if (!on) others.push(...instead.map((other) => [other, true]));
    return others.filter(([other, value]) => this.isOn({ ...choice, changes }, other) !== value)
      .reduce((result, [other, value]) => this.turned(result, other, value), { ...choice, changes });
  }

  can(backend, name) {
    const { capability, library } = this.switchOf.get(name);
    return !library || this.capabilities[backend].includes(capability);
  }

  // What is on in a choice and not in this library.
  lacking(choice, backend) {
    return this.table.map((row) => row.name).filter((name) => this.isOn(choice, name) && !this.can(backend, name));
  }

  // What turning a switch of a profile over adds to each figure; undefined: not measured. What had to be turned with it is taken
  // back by its own share.
  share(target, backend, base, name) {
    const before = this.variant(target, backend, base, {});
    const row = this.switches.find((each) => each.target === target && each.backend === backend && each.profile === base &&
      Object.keys(each.changes)[0] === name);
    if (!before || !row) return undefined;
    return Object.entries(row.changes).filter(([other, on]) => other !== name && on !== this.isDefault(other, base))
      .map(([other]) => this.share(target, backend, base, other))
      .reduce((result, other) => result && other && sum(result, -1, other), sum(row, -1, before));
  }

  // `row` with the switch turned; undefined: its cost is not known. A switch that is turned off is taken from `full`, one that is
  // turned on from `smallest`, where each was measured so.
  withSwitch(row, target, backend, name, on) {
    for (const base of on ? ["smallest", "full"] : ["full", "smallest"]) {
      const share = this.share(target, backend, base, name);
      if (!share) continue;
      const result = sum(row, this.isDefault(name, base) === on ? -1 : 1, share);
      if (name !== "resumption") result.resumed ??= row.resumed;
      else result.resumed = on ? this.variant(target, backend, base, this.turned({ profile: base, changes: {} }, name, true).changes)?.resumed : undefined;
      return result;
    }
    return undefined;
  }

  // Bytes of flash that a switch adds, whichever way it is turned from the profile.
  cost(target, backend, name, profile) {
    if (!this.can(backend, name)) return undefined;
    const on = !this.isDefault(name, profile);
    const zero = { flash: {}, ...Object.fromEntries(FIGURES.map((figure) => [figure, 0])) };
    const result = this.withSwitch(zero, this.pricedOn(target, backend), backend, name, on);
    return result && (on ? result.image : 0 - result.image);
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
      if (large && usual) row = { ...sum(row, 1, sum(large, -1, usual)), resumed: row.resumed };
      else notes.push("records of 16 KB are not measured, and not in these figures");
    }
    return { row, exact: row === plain && !notes.length, notes };
  }
}
