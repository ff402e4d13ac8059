import { axisX, axisY, barX, dot, gridX, plot, ruleX, ruleY } from "@observablehq/plot";
import { LARGE_RECORDS, Model, RAM_PARTS, SMALL_RECORDS, ram, ramIdle } from "./model.js";

const model = new Model(JSON.parse(document.getElementById("data").textContent));
const $ = (id) => document.getElementById(id);
const KB = 1024;
const COLOURS = { core: "#1b6ca8", adapter: "#5aa9e6", TLS: "#d1495b", "X.509": "#edae49", "public key": "#00798c",
  symmetric: "#66a182", hash: "#8d6a9f", libc: "#8c8c8c", rest: "#b0b0b0", program: "#cdcdcd" };
const RAM_COLOURS = { static_ram: "#1b6ca8", heap_peak: "#edae49", stack: "#8d6a9f" };
const RAM_NAMES = { static_ram: "static, with the session", heap_peak: "heap at the peak", stack: "stack" };
const TIMES = { handshake: "handshake", resumed: "resumed handshake", sending: "16 KB sent", receiving: "16 KB received" };
const ABOUT = {
  psk: "client and server without certificates: pre-shared keys on TLS 1.2 and DTLS 1.2",
  smallest: "a client on TLS 1.2 with P-256 and AES-GCM alone, made for little flash",
  client: "a client of TLS 1.2, with RSA, P-384, ChaCha20, ALPN and resumption",
  client13: "the client, with TLS 1.3 and X25519",
  both: "client and server of TLS 1.2",
  full: "everything, with DTLS, pre-shared keys and TLS 1.3",
};

// --- The choice, and the link that keeps it. ---

const START = { target: "cortex-m4", profile: "smallest", backends: model.backends, records: SMALL_RECORDS, changes: {},
  clock: undefined, flash: undefined, ram: undefined };
let choice = fromLink();

function fromLink() {
  const words = new URLSearchParams(location.hash.slice(1));
  const oneOf = (name, allowed) => allowed.includes(words.get(name)) ? words.get(name) : START[name];
  const list = (name, allowed) => (words.get(name) ?? "").split(",").filter((word) => allowed.includes(word));
  const number = (name) => Number(words.get(name)) > 0 && Number.isFinite(Number(words.get(name))) ? Number(words.get(name)) : undefined;
  const backends = list("backends", model.backends);
  let result = { ...START, target: oneOf("target", Object.keys(model.targets)), profile: oneOf("profile", model.profiles),
    backends: backends.length ? model.backends.filter((name) => backends.includes(name)) : START.backends,
    records: words.get("records") === String(LARGE_RECORDS) ? LARGE_RECORDS : SMALL_RECORDS,
    clock: number("mhz"), flash: number("flash"), ram: number("ram") };
  const names = model.table.map((row) => row.name);
  for (const name of list("on", names)) result = model.turned(result, name, true);
  for (const name of list("off", names)) result = model.turned(result, name, false);
  return result;
}

function toLink() {
  const words = new URLSearchParams({ target: choice.target, profile: choice.profile, backends: choice.backends.join(",") });
  const turned = (on) => Object.keys(choice.changes).filter((name) => choice.changes[name] === on).join(",");
  const more = { records: choice.records === SMALL_RECORDS ? "" : choice.records, on: turned(true), off: turned(false),
    mhz: choice.clock ?? "", flash: choice.flash ?? "", ram: choice.ram ?? "" };
  for (const [name, value] of Object.entries(more)) if (value !== "") words.set(name, value);
  return "#" + words.toString().replaceAll("%2C", ",");
}

function choose(changes, typedInto) {
  choice = { ...choice, ...changes };
  history.replaceState(null, "", toLink());
  show(typedInto);
}

const clock = () => choice.clock ?? model.targets[choice.target].mhz;

// --- Pieces of the page. ---

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "colour") made.style.setProperty("--colour", value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const bytes = (value) => value === undefined ? "–" : (value || 0).toLocaleString("en"); // no -0
const kilobytes = (value) => (value / KB).toFixed(1);
const millions = (value) => value === undefined ? "–" : (value / 1e6).toFixed(value < 1e7 ? 2 : 1);

function seconds(instructions) {
  if (instructions === undefined) return "–";
  const value = instructions / (clock() * 1e6);
  return value < 0.0995 ? `${(value * 1000).toPrecision(2)} ms` : `${value.toPrecision(value < 1 ? 2 : 3)} s`;
}

function legend(id, entries) {
  $(id).replaceChildren(...entries.map(([name, colour, shape = "square"]) => element("li", { colour, class: shape }, element("i"), name)));
}

const colourOf = (backend) => `var(--of-${backend})`;
const shapeOf = (backend) => ["circle", "square", "triangle"][model.backends.indexOf(backend) % 3];
const titleOf = (backend) => model.titles[backend];
const isWithin = (row) => (choice.flash === undefined || row.image <= choice.flash * KB) &&
  (choice.ram === undefined || ram(row) <= choice.ram * KB);
const isLimited = () => choice.flash !== undefined || choice.ram !== undefined;

function chart(id, label, options) {
  const place = $(id);
  const width = Math.max(place.clientWidth, 240);
  const drawn = plot({ width, marginLeft: 70, marginRight: 16, style: { background: "none", color: "inherit", overflow: "visible" },
    ariaLabel: label, ...options });
  drawn.setAttribute("role", "img");
  place.replaceChildren(drawn);
}

// --- What follows from the choice. ---

function showForm(typedInto) {
  $("target").value = choice.target;
  $("profile").value = choice.profile;
  $("profile-hint").textContent = ABOUT[choice.profile];
  for (const box of $("backends").querySelectorAll("input")) box.checked = choice.backends.includes(box.value);
  for (const button of $("records").querySelectorAll("input")) button.checked = button.value === String(choice.records);
  const shown = { clock: clock(), flash: choice.flash ?? "", ram: choice.ram ?? "" };
  for (const [id, value] of Object.entries(shown)) if (id !== typedInto) $(id).value = value;
  const changed = Object.keys(choice.changes).length;
  $("changed").textContent = changed ? `(${changed} changed)` : "";
  for (const item of $("switches").querySelectorAll("li")) {
    const name = item.dataset.name;
    item.querySelector("input").checked = model.isOn(choice, name);
    item.classList.toggle("changed", name in choice.changes);
    const costs = choice.backends.map((backend) => model.cost(choice.target, backend, name, choice.profile))
      .filter((cost) => cost !== undefined);
    const [least, most] = [Math.min(...costs), Math.max(...costs)];
    item.querySelector("output").textContent = !costs.length ? "–" : least === most ? bytes(least) : `${bytes(least)} to ${bytes(most)}`;
  }
}

function verdict(row) {
  if (!isLimited()) return "";
  const over = [["flash", row.image, choice.flash], ["RAM", ram(row), choice.ram]]
    .filter(([, value, limit]) => limit !== undefined && value > limit * KB)
    .map(([what, value, limit]) => `${kilobytes(value - limit * KB)} KB of ${what}`);
  return element("p", { class: over.length ? "no" : "yes" }, over.length ? `✗ lacks ${over.join(" and ")}` : "✓ fits");
}

function card({ backend, row, exact, notes }) {
  const made = element("article", { class: "card", colour: colourOf(backend), "data-backend": backend }, element("h3", {}, titleOf(backend)));
  const lacking = model.lacking(choice, backend);
  const about = exact ? "" : "≈ ";
  if (!row) {
    made.append(element("p", { class: "hint" }, lacking.length ? `Not in this library: ${lacking.join(", ")}.` : "Not measured."));
    return made;
  }
  made.append(
    element("p", { class: "big" }, `${about}${kilobytes(row.image)} KB `, element("small", {}, "flash")),
    element("p", { class: "big" }, `${about}${kilobytes(ram(row))} KB `, element("small", {}, "RAM at the peak")),
    element("p", { class: "hint" }, `${about}${seconds(row.handshake)} for a handshake at ${clock()} MHz`), verdict(row));
  if (lacking.length) notes = [...notes, `not in this library: ${lacking.join(", ")}`];
  if (notes.length) made.append(element("p", { class: "hint" }, notes.map((note) => note[0].toUpperCase() + note.slice(1) + ".").join(" ")));
  return made;
}

function stacked(id, label, unit, parts, limit, found) {
  const data = found.flatMap(({ backend, row }) => parts.map(([name, value, colour]) =>
    ({ backend: titleOf(backend), name, value: value(row) / KB, colour })));
  chart(id, label, {
    height: 58 + 34 * found.length, marginBottom: 40, marginTop: 8,
    x: { label: null }, y: { label: null, domain: found.map(({ backend }) => titleOf(backend)) },
    marks: [
      gridX({ strokeOpacity: 0.15 }),
      barX(data, { y: "backend", x: "value", fill: "colour", insetTop: 3, insetBottom: 3,
        title: (d) => `${d.backend}, ${d.name}: ${d.value.toFixed(1)} KB` }),
      axisY({ label: null, tickSize: 0 }), axisX({ label: unit, labelAnchor: "right", labelArrow: "none", tickSpacing: 60 }), ruleX([0]),
      limit === undefined ? null : ruleX([limit], { stroke: "var(--bad)", strokeWidth: 2, strokeDasharray: "5 3" }),
    ],
  });
}

function showCharts(found) {
  for (const what of ["flash", "ram", "time"]) for (const part of ["legend", "chart"]) $(`${what}-${part}`).replaceChildren();
  if (!found.length) return;
  const layers = model.layers.filter((layer) => found.some(({ row }) => row.flash[layer]));
  legend("flash-legend", layers.map((layer) => [layer, COLOURS[layer]]));
  stacked("flash-chart", "Flash by layer, a bar for each library", "KB of flash",
    layers.map((layer) => [layer, (row) => row.flash[layer], COLOURS[layer]]), choice.flash, found);
  legend("ram-legend", RAM_PARTS.map((part) => [RAM_NAMES[part], RAM_COLOURS[part]]));
  stacked("ram-chart", "RAM at the peak, a bar for each library", "KB of RAM",
    RAM_PARTS.map((part) => [RAM_NAMES[part], (row) => row[part], RAM_COLOURS[part]]), choice.ram, found);

  const names = found.map(({ backend }) => [titleOf(backend), colourOf(backend), shapeOf(backend)]);
  const times = found.flatMap(({ backend, row }) => Object.keys(TIMES).filter((key) => row[key] > 0)
    .map((key) => ({ backend, what: TIMES[key], value: row[key] / (clock() * 1e6) })));
  legend("time-legend", names);
  dots("time-chart", `Seconds at ${clock()} MHz, logarithmic`, times, Object.values(TIMES).filter((what) => times.some((d) => d.what === what)),
    `seconds at ${clock()} MHz (logarithmic)`, (d) => `${d.value.toPrecision(3)} s`);
}

// A logarithmic axis: from the nearest 1, 2 or 5 times a power of ten below the values to the nearest one above. Labels: all of
// these, or powers of ten only if there is little room.
function logAxis(values, width) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const steps = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)) + 1; ++power)
    for (const step of [1, 2, 5]) steps.push({ isPower: step === 1, value: Number(`${step}e${power}`) });
  const from = steps.findLast(({ value }) => value <= least).value;
  const to = steps.find(({ value }) => value >= most && value > from).value;
  const within = steps.filter(({ value }) => value >= from && value <= to);
  const powers = within.filter(({ isPower }) => isPower);
  const shown = width / Math.log10(to / from) > 220 || powers.length < 2 ? within : powers;
  return { domain: [from, to], ticks: shown.map(({ value }) => value) };
}

function dots(id, label, data, rows, axis, text) {
  const shown = choice.backends.filter((backend) => data.some((d) => d.backend === backend));
  const { domain, ticks } = logAxis(data.map((d) => d.value), $(id).clientWidth - 170);
  chart(id, label, {
    height: 52 + 24 * rows.length, marginLeft: 142, marginRight: 28, marginBottom: 40, marginTop: 8,
    x: { type: "log", domain }, y: { domain: rows, label: null },
    marks: [
      gridX(ticks, { strokeOpacity: 0.15 }), ruleY(rows, { y: (d) => d, strokeOpacity: 0.15 }),
      // One under the other, so that equal ones are all seen.
      ...shown.map((backend, at) => dot(data.filter((d) => d.backend === backend), { x: "value", y: "what",
        dy: 6 * (at - (shown.length - 1) / 2), fill: colourOf(backend), symbol: shapeOf(backend), r: 4.5,
        title: (d) => `${titleOf(backend)}, ${d.what}: ${text(d)}` })),
      // With `text`, as a logarithmic axis would leave out some labels of tickFormat.
      axisY({ label: null, tickSize: 0 }),
      axisX(ticks, { label: axis, labelAnchor: "right", labelArrow: "none", text: (value) => value.toLocaleString("en") }),
    ],
  });
}

function showFigures(found) {
  const lines = [
    ["flash, the image", (row) => bytes(row.image), "total", "image"],
    ...model.layers.map((layer) => [`– ${layer}`, (row) => bytes(row.flash[layer]), "", `flash.${layer}`]),
    ["RAM at the peak", (row) => bytes(ram(row)), "total", "ram"],
    ...RAM_PARTS.map((part) => [`– ${RAM_NAMES[part]}`, (row) => bytes(row[part]), "", part]),
    ["RAM when idle", (row) => bytes(ramIdle(row)), "total", "ram_idle"],
    ["– heap when idle", (row) => bytes(row.heap_idle), "", "heap_idle"],
    ["– of it one session", (row) => bytes(row.session), "", "session"],
    ["– of it the context", (row) => bytes(row.context), "", "context"],
    ...Object.keys(TIMES).flatMap((key) => [
      [`${TIMES[key]}, million instr.`, (row) => millions(row[key]), "total", key],
      [`– at ${clock()} MHz`, (row) => seconds(row[key]), "", `${key}.seconds`]]),
  ];
  $("figures").replaceChildren(
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "bytes, unless stated"),
      ...found.map(({ backend, exact }) => element("th", { scope: "col" }, (exact ? "" : "≈ ") + titleOf(backend))))),
    element("tbody", {}, ...lines.map(([name, text, kind, key]) => element("tr", { class: kind, "data-figure": key },
      element("th", { scope: "row" }, name), ...found.map(({ backend, row }) => element("td", { "data-backend": backend }, text(row)))))));
}

function showFit() {
  const mark = (row) => isLimited() ? element("span", { class: `mark ${isWithin(row) ? "yes" : "no"}` }, isWithin(row) ? "✓" : "✗") : "";
  let all = 0, fitting = 0;
  const rows = model.profiles.map((profile) => {
    const cells = choice.backends.map((backend) => {
      const { row, exact } = model.figures({ ...choice, profile, changes: {} }, backend);
      if (!row) return element("td", {}, "–");
      all += 1;
      fitting += isWithin(row);
      return element("td", { "data-backend": backend, "data-fits": isLimited() && String(isWithin(row)) },
        element("span", {}, mark(row), `${exact ? "" : "≈ "}${kilobytes(row.image)} / `), element("span", {}, kilobytes(ram(row))));
    });
    return element("tr", { "data-profile": profile, class: profile === choice.profile ? "total" : "" }, element("th", { scope: "row" },
      element("button", { type: "button", onclick: () => choose({ profile, changes: {} }) }, profile)), ...cells);
  });
  const limits = [choice.flash && `${choice.flash} KB of flash`, choice.ram && `${choice.ram} KB of RAM`].filter(Boolean).join(" and ");
  $("fit-summary").textContent = limits ? `${fitting} of ${all} fit into ${limits}, on ${model.targets[choice.target].title}.` :
    "Enter your flash and RAM above. The table shows the need of each profile.";
  $("fit").replaceChildren(element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "flash / RAM, KB"),
    ...choice.backends.map((backend) => element("th", { scope: "col" }, titleOf(backend))))), element("tbody", {}, ...rows));
}

function showCosts() {
  const data = choice.backends.flatMap((backend) => model.table.map(({ name }) =>
    ({ backend, what: name, value: model.cost(choice.target, backend, name, choice.profile) })));
  const seen = data.filter((d) => d.value >= 1);
  const most = (name) => Math.max(...seen.filter((d) => d.what === name).map((d) => d.value));
  const rows = [...new Set(seen.map((d) => d.what))].sort((a, b) => most(b) - most(a));
  const known = choice.backends.filter((backend) => data.some((d) => d.backend === backend && d.value !== undefined));
  const missing = choice.backends.filter((backend) => !known.includes(backend));
  legend("cost-legend", known.map((backend) => [titleOf(backend), colourOf(backend), shapeOf(backend)]));
  if (rows.length)
    dots("cost-chart", "Bytes of flash that each switch adds, logarithmic", seen, rows,
      "bytes of flash (logarithmic)", (d) => `${bytes(d.value)} bytes`);
  else $("cost-chart").replaceChildren();
  const less = [...new Set(data.filter((d) => d.value < 0).map((d) => d.what))];
  const borrowed = known.some((backend) => model.pricedOn(choice.target, backend) !== choice.target);
  $("cost-note").textContent = [less.length && `Less flash with: ${less.join(", ")}.`, borrowed && "Measured on the Cortex-M4.",
    missing.length && `Not measured yet: ${missing.map(titleOf).join(", ")}.`].filter(Boolean).join(" ");
}

// As many words a line as there is room for, in the form that a shell takes.
function inLines(command) {
  const columns = Math.max(24, Math.floor($("commands").clientWidth / 8.8) - 9);
  return command.split(" && ").map((part) => {
    const lines = [""];
    for (const word of part.split(" ")) {
      const longer = `${lines[lines.length - 1]} ${word}`.trim();
      if (longer.length > columns) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines.join(" \\\n  ");
  }).join(" &&\n");
}

function commands(backend) {
  const options = Object.entries(choice.changes);
  const short = options.map(([name, on]) => ` -D${name}=${on}`).join("");
  const macros = (define) => [["BACKEND", backend], ["PROFILE", choice.profile], ["RECORD_INPUT", choice.records], ["RECORD_OUTPUT", choice.records],
    ...options.map(([name, on]) => [name.toUpperCase(), on ? 1 : 0])].map(([name, value]) => ` ${define}USSL_${name}=${value}`).join("");
  return {
    "Meson": `meson setup build-${backend} --cross-file cross/${choice.target}.ini --buildtype=minsize --wrap-mode=forcefallback ` +
      `-Dtls_backend=${backend} -Dprofile=${choice.profile} -Drecord_input=${choice.records} -Drecord_output=${choice.records}${short} ` +
      `-Dtests=false -Dfirmware=true -Dmalloc=false && ninja -C build-${backend}`,
    "CMake": "cmake " + (choice.target === "cortex-m4" ? `-S examples/cmake -B build-${backend} --toolchain "$PWD/cross/cortex-m4.cmake"` :
      `-S . -B build-${backend} --toolchain YOURS.cmake`) + ` -DCMAKE_BUILD_TYPE=MinSizeRel${macros("-D")} && cmake --build build-${backend}`,
    "make, of MicroPython": `make USER_C_MODULES=ussl/bindings${macros("")}`,
    "Sources, for a build of your own": `tools/source-list ${backend}${macros("").replace(` USSL_BACKEND=${backend}`, "")}`,
  };
}

async function copy(button, text) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it and copy"; // a page from a file may not, in some browsers
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

function showCommands() {
  const select = $("build-backend");
  const chosen = choice.backends.includes(select.value) ? select.value : choice.backends[0];
  select.replaceChildren(...choice.backends.map((name) => element("option", { value: name, selected: name === chosen }, titleOf(name))));
  $("commands").replaceChildren(...Object.entries(commands(chosen)).flatMap(([how, text]) => [
    element("div", { class: "command" }, element("h3", {}, how),
      element("button", { type: "button", "aria-label": `Copy the command for ${how}`, onclick: (event) => copy(event.currentTarget, text) }, "Copy")),
    element("pre", { "data-how": how }, inLines(text))]));
}

// typedInto: a field whose text is left as it is.
function show(typedInto) {
  const all = choice.backends.map((backend) => ({ backend, ...model.figures(choice, backend) }));
  const found = all.filter(({ row }) => row);
  const least = found.reduce((best, each) => !best || each.row.image < best.row.image ? each : best, undefined);
  showForm(typedInto);
  $("summary").textContent = !least ? "Nothing near this choice was measured." :
    `${model.targets[choice.target].title}, ${choice.profile}` + (Object.keys(choice.changes).length ? ", changed" : "") +
    `: least flash with ${titleOf(least.backend)}, ${kilobytes(least.row.image)} KB.`;
  $("cards").replaceChildren(...all.map(card));
  showCharts(found);
  showFigures(found);
  showFit();
  showCosts();
  showCommands();
}

// --- The form. ---

function fill() {
  for (const [name, colour] of Object.entries(model.colours))
    document.documentElement.style.setProperty(`--of-${name}`, `color-mix(in srgb, ${colour} var(--strength), white)`);
  $("target").append(...Object.entries(model.targets).map(([value, { title }]) => element("option", { value }, title)));
  $("profile").append(...model.profiles.map((value) => element("option", { value }, value)));
  $("backends").append(...model.backends.map((value) =>
    element("label", {}, element("input", { type: "checkbox", value }), ` ${titleOf(value)}`)));
  $("switches").querySelector("ul").append(...model.table.map(({ name, title }) => element("li", { "data-name": name },
    element("label", {}, element("input", { type: "checkbox" }), element("code", {}, name), element("output"), element("small", {}, title)))));

  $("target").addEventListener("change", (event) => choose({ target: event.target.value, clock: undefined }));
  $("profile").addEventListener("change", (event) => choose({ profile: event.target.value, changes: {} }));
  $("backends").addEventListener("change", () => {
    const backends = [...$("backends").querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);
    choose(backends.length ? { backends } : {}); // one stays
  });
  $("records").addEventListener("change", (event) => choose({ records: Number(event.target.value) }));
  for (const id of ["clock", "flash", "ram"])
    $(id).addEventListener("input", (event) => choose({ [id]: event.target.valueAsNumber > 0 ? event.target.valueAsNumber : undefined }, id));
  $("switches").addEventListener("change", (event) =>
    choose(model.turned(choice, event.target.closest("li").dataset.name, event.target.checked)));
  $("reset").addEventListener("click", () => choose({ changes: {} }));
  $("copy-link").addEventListener("click", (event) => {
    history.replaceState(null, "", toLink());
    copy(event.currentTarget, location.href);
  });
  $("build-backend").addEventListener("change", showCommands);
  $("choice").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => { choice = fromLink(); show(); });
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; show(); } });
}

fill();
show();
