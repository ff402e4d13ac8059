// The page of tools/size-report --page, as a user has it: what it shows is compared with docs/sizes.json.
//
//   node page.mjs PAGE [FILTER]     CHROMIUM: the browser; MODULES: node_modules with playwright-core
import assert from "node:assert/strict";
import { execSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(join(process.env.MODULES, "x"))("playwright-core");
const [file, filter = ""] = process.argv.slice(2);
const url = pathToFileURL(file).href;
const sizes = JSON.parse(readFileSync("docs/sizes.json", "utf8"));
const PROFILES = ["psk", "smallest", "client", "client13", "both", "full"];
const BACKENDS = [...new Set(sizes.images.map((row) => row.backend))];
const [FIRST, SECOND] = BACKENDS;
const WITHOUT_TLS1_3 = BACKENDS.find((backend) => !sizes.capabilities[backend].includes("tls1_3"));
const DESKTOP = { width: 1280, height: 900 }, PHONE = { width: 360, height: 740 };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

// --- What the tests are made of. ---

async function open(fragment = "", { viewport = DESKTOP, colorScheme = "light" } = {}) {
  const page = await browser.newPage({ viewport, colorScheme });
  page.complaints = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("request", (request) => request.url().startsWith("data:") || request.url().split("#")[0] === url ||
    page.complaints.push(`asks for ${request.url()}`));
  await page.goto(url + fragment);
  return page;
}

// Another choice on the same page.
async function go(page, fragment) {
  await page.evaluate((to) => { location.hash = to; }, fragment);
  await page.waitForFunction((to) => document.getElementById("target").value === new URLSearchParams(to.slice(1)).get("target") &&
    document.getElementById("profile").value === new URLSearchParams(to.slice(1)).get("profile"), fragment);
  await page.evaluate(() => new Promise(requestAnimationFrame)); // the event of the hash comes before
}

// {backend: {figure: text}} of the table, and {backend: text} of its head.
const table = (page) => page.evaluate(() => {
  const found = {};
  for (const cell of document.querySelectorAll("#figures td"))
    (found[cell.dataset.backend] ??= {})[cell.closest("tr").dataset.figure] = cell.textContent;
  return found;
});
const head = (page) => page.locator("#figures thead").textContent();
const bytes = (value) => value.toLocaleString("en");
const ram = (row) => row.static_ram + row.heap_peak + row.stack;
const image = (target, profile, backend) =>
  sizes.images.find((row) => row.target === target && row.profile === profile && row.backend === backend);

function assertShows(shown, row, what) {
  const plain = ["image", "static_ram", "heap_peak", "heap_idle", "session", "context", "stack"];
  for (const name of plain) assert.equal(shown[name], bytes(row[name]), `${what}: ${name}`);
  for (const [layer, value] of Object.entries(row.flash)) assert.equal(shown[`flash.${layer}`], bytes(value), `${what}: ${layer}`);
  assert.equal(shown.ram, bytes(ram(row)), `${what}: RAM at the peak`);
  assert.equal(shown.ram_idle, bytes(row.static_ram + row.heap_idle), `${what}: RAM when idle`);
  for (const name of ["handshake", "resumed", "sending", "receiving"])
    assert.equal(shown[name], row[name] === undefined ? "–" : (row[name] / 1e6).toFixed(row[name] < 1e7 ? 2 : 1), `${what}: ${name}`);
}

const link = (row, changes = {}, more = "") => {
  const turned = (on) => Object.keys(changes).filter((name) => changes[name] === on).join(",");
  return `#target=${row.target}&profile=${row.profile}&backends=${row.backend}&on=${turned(true)}&off=${turned(false)}${more}`;
};

// --- Tests. ---

const tests = {
  async "each image that was measured is shown as docs/sizes.json has it"() {
    const page = await open();
    let count = 0;
    for (const target of new Set(sizes.images.map((row) => row.target))) {
      await page.selectOption("#target", target);
      for (const profile of PROFILES) {
        await page.selectOption("#profile", profile);
        const shown = await table(page);
        for (const backend of BACKENDS) {
          const row = image(target, profile, backend);
          assert.equal(backend in shown, row !== undefined, `${target} ${profile} ${backend}`);
          if (row) assertShows(shown[backend], row, `${target} ${profile} ${backend}`);
          count += row ? 1 : 0;
        }
        assert.doesNotMatch(await head(page), /≈/);
        for (const cost of await page.locator("#switches output").allTextContents())
          assert.match(cost, /^(–|0|-?[1-9][\d,]*)( to (0|-?[1-9][\d,]*))?$/, `${target} ${profile}`);
      }
    }
    assert.ok(count > 50, `${count} images`);
    return page;
  },

  async "a switch alone is shown as it was measured"() {
    const page = await open();
    assert.ok(sizes.switches.length > 20, "tools/size-report --switches has measured something");
    for (const row of sizes.switches.filter(({ changes }) => Object.keys(changes).length)) {
      await go(page, link(row, row.changes));
      const what = JSON.stringify([row.target, row.profile, row.backend, row.changes]);
      // Images that have a row of their own among the profiles' take that one.
      const own = row.profile === "smallest" && Object.keys(row.changes)[0] === "verification" && image(row.target, "unverified", row.backend);
      assertShows((await table(page))[row.backend], own || row, what);
      assert.doesNotMatch(await head(page), /≈/, what);
    }
    return page;
  },

  async "what was not measured as a whole is added up, and says so"() {
    const base = sizes.switches.find((row) => row.profile === "full" && !Object.keys(row.changes).length);
    const single = sizes.switches.find((row) => row.target === base.target && row.backend === base.backend && row.profile === "full" &&
      Object.keys(row.changes).join() === "rsa");
    const plain = image(base.target, "client", base.backend);
    const page = await open(link(plain, { rsa: false }));
    const shown = (await table(page))[base.backend];
    assert.equal(shown.image, bytes(plain.image + single.image - base.image));
    assert.equal(shown["flash.public key"], bytes(plain.flash["public key"] + single.flash["public key"] - base.flash["public key"]));
    assert.equal(shown.ram, bytes(ram(plain) + ram(single) - ram(base)));
    assert.match(await head(page), /≈/);
    assert.match(await page.locator(".card .big").first().textContent(), /^≈ /);
    // Larger records, of a profile that was not measured with them.
    await page.check('#records input[value="16384"]');
    const [small, large] = ["smallest", "16K-records"].map((profile) => image(base.target, profile, base.backend));
    assert.equal((await table(page))[base.backend].ram, bytes(ram(plain) + ram(single) - ram(base) + ram(large) - ram(small)));
    return page;
  },

  async "a switch takes along what it needs, and what needs it"() {
    const page = await open("#target=cortex-m4&profile=full");
    await page.click("#switches summary");
    const box = (name) => page.locator(`#switches li[data-name="${name}"] input`);
    await box("verification").uncheck();
    for (const name of ["pins", "verify_callback"]) assert.equal(await box(name).isChecked(), false, name);
    assert.equal(await page.locator("#changed").textContent(), "(3 changed)");
    await box("pins").check();
    assert.equal(await box("verification").isChecked(), true);
    await page.click("#reset");
    assert.equal(await page.locator("#changed").textContent(), "");
    assert.ok(await box("verify_callback").isChecked());
    // What needs it may itself be needed; and something must be left to authenticate with.
    await go(page, "#target=cortex-m4&profile=client");
    await box("certificates").uncheck();
    for (const name of ["verification", "pins"]) assert.equal(await box(name).isChecked(), false, name);
    assert.equal(await box("psk").isChecked(), true);
    await box("psk").uncheck();
    assert.equal(await box("certificates").isChecked(), true);
    return page;
  },

  async "a library says what it cannot do"() {
    const page = await open("#target=cortex-m4&profile=full");
    const card = page.locator(`.card[data-backend="${WITHOUT_TLS1_3}"]`);
    assert.match(await card.textContent(), /Not in this library: tls1_3, /);
    await page.selectOption("#profile", "client13");
    assert.doesNotMatch(await card.textContent(), /KB/);
    await go(page, `#target=cortex-m4&profile=client13&backends=${WITHOUT_TLS1_3}`);
    assert.match(await page.locator("#summary").textContent(), /^Nothing/);
    assert.deepEqual(await table(page), {});
    const drawn = page.locator("#flash-chart svg, #ram-chart svg, #time-chart svg");
    assert.equal(await drawn.count(), 0);
    await page.selectOption("#profile", "client");
    assert.ok((await table(page))[WITHOUT_TLS1_3]);
    assert.equal(await drawn.count(), 3);
    return page;
  },

  async "which fits: each profile and library against what was typed"() {
    const page = await open("#target=cortex-m4&profile=smallest");
    await page.fill("#flash", "64");
    await page.fill("#ram", "14");
    let fitting = 0, all = 0;
    for (const profile of PROFILES)
      for (const backend of BACKENDS) {
        const row = image("cortex-m4", profile, backend);
        if (!row) continue;
        const fits = row.image <= 64 * 1024 && ram(row) <= 14 * 1024;
        const cell = page.locator(`#fit tr[data-profile="${profile}"] td[data-backend="${backend}"]`);
        assert.equal(await cell.getAttribute("data-fits"), String(fits), `${profile} ${backend}`);
        assert.match(await cell.textContent(), fits ? /✓/ : /✗/);
        all += 1;
        fitting += fits ? 1 : 0;
      }
    assert.ok(fitting > 0 && fitting < all, "both outcomes are there");
    assert.match(await page.locator("#fit-summary").textContent(), new RegExp(`^${fitting} of ${all} fit into 64 KB of flash and 14 KB of RAM`));
    const large = BACKENDS.find((backend) => image("cortex-m4", "smallest", backend).image > 64 * 1024);
    const lacks = image("cortex-m4", "smallest", large).image - 64 * 1024;
    assert.match(await page.locator(`.card[data-backend="${large}"]`).textContent(), new RegExp(`lacks ${(lacks / 1024).toFixed(1)} KB of flash`));
    await page.click('#fit tr[data-profile="both"] button');
    assert.equal(await page.inputValue("#profile"), "both");
    return page;
  },

  async "seconds follow the clock"() {
    const page = await open(`#target=cortex-m4&profile=smallest&backends=${FIRST}`);
    const { handshake } = image("cortex-m4", "smallest", FIRST);
    await page.fill("#clock", "10");
    assert.equal((await table(page))[FIRST]["handshake.seconds"], `${(handshake / 1e7).toPrecision(3)} s`);
    await page.fill("#clock", "2000");
    assert.equal((await table(page))[FIRST]["handshake.seconds"], `${(handshake / 2e6).toPrecision(2)} ms`);
    await page.selectOption("#target", "cortex-m3"); // has a clock of its own
    assert.equal(await page.inputValue("#clock"), "72");
    return page;
  },

  async "the link keeps the choice"() {
    const page = await open();
    await page.selectOption("#target", "rv32imac");
    await page.selectOption("#profile", "client");
    await page.uncheck(`#backends input[value="${SECOND}"]`);
    await page.click("#switches summary");
    await page.uncheck('#switches li[data-name="alpn"] input');
    await page.check('#switches li[data-name="psk"] input');
    await page.check('#records input[value="16384"]');
    for (const [id, value] of [["clock", "99"], ["flash", "256"], ["ram", "64.5"]]) await page.fill(`#${id}`, value);
    const state = (of) => of.evaluate(() => [...document.querySelectorAll("input, select")].map((each) =>
      each.type === "checkbox" || each.type === "radio" ? each.checked : each.value).concat(document.getElementById("figures").textContent));
    const again = await open(new URL(page.url()).hash);
    assert.deepEqual(await state(again), await state(page));
    // A link that says nothing sensible is taken as none.
    const odd = await open("#target=<b>&profile=constructor&backends=__proto__&on=x,,constructor&off=&mhz=-1&flash=NaN&ram=1e999&records=7");
    assert.equal(await odd.inputValue("#target"), "cortex-m4");
    assert.equal(await odd.inputValue("#profile"), "smallest");
    assert.deepEqual(odd.complaints, []);
    await Promise.all([again.close(), odd.close()]);
    return page;
  },

  async "the commands configure what was chosen"() {
    const page = await open(`#target=cortex-m4&profile=client&backends=${FIRST}&off=alpn&records=16384`);
    const command = (how) => page.locator(`#commands pre[data-how^="${how}"]`).textContent();
    const folder = mkdtempSync(join(tmpdir(), "explorer-"));
    const shell = (text, cwd) => execSync(text.split("&&")[0].replaceAll(`build-${FIRST}`, join(folder, "build")), { encoding: "utf8", stdio: "pipe", cwd });
    try {
      shell(await command("Meson"));
      const options = JSON.parse(execSync(`meson introspect --buildoptions ${join(folder, "build")}`, { encoding: "utf8" }));
      const value = (name) => options.find((option) => option.name === name).value;
      assert.deepEqual(["tls_backend", "profile", "alpn", "psk", "record_input", "record_output"].map(value),
        [FIRST, "client", "false", "auto", 16384, 16384]);
      // It writes a header into the folder that it runs in.
      const defines = shell((await command("Sources")).replace("tools/", join(process.cwd(), "tools/")), folder).split("\n").filter((line) => line.startsWith("define "));
      for (const define of ["USSL_PROFILE=client", "USSL_ALPN=0", "USSL_RECORD_INPUT=16384", "USSL_RECORD_OUTPUT=16384"])
        assert.ok(defines.includes(`define ${define}`), `${define}: ${defines}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const said = async (how) => (await command(how)).split(/[\s\\]+/);
    for (const word of [`BACKEND=${FIRST}`, "PROFILE=client", "ALPN=0", "RECORD_INPUT=16384"]) {
      assert.ok((await said("make")).includes(`USSL_${word}`), word);
      assert.ok((await said("CMake")).includes(`-DUSSL_${word}`), word);
    }
    return page;
  },

  async "bars are as long as what they show"() {
    const page = await open("#target=cortex-m4&profile=both");
    for (const [id, value] of [["flash-chart", (row) => row.image], ["ram-chart", ram]]) {
      const ends = await page.evaluate((chart) => {
        const bars = {};
        for (const bar of document.querySelectorAll(`#${chart} g[aria-label=bar] rect`)) {
          const { left, right, top } = bar.getBoundingClientRect();
          const of = (bars[Math.round(top)] ??= { left: Infinity, right: 0 });
          Object.assign(of, { left: Math.min(of.left, left), right: Math.max(of.right, right) });
        }
        return Object.values(bars).map(({ left, right }) => right - left);
      }, id);
      const expected = BACKENDS.map((backend) => value(image("cortex-m4", "both", backend)));
      assert.equal(ends.length, expected.length);
      ends.forEach((length, at) => assert.ok(Math.abs(length / ends[0] - expected[at] / expected[0]) < 0.02, `${id}, ${BACKENDS[at]}`));
    }
    return page;
  },

  async "no label lies over a mark or another label"() {
    const page = await open("#target=cortex-m4&profile=full&flash=128&ram=30");
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      const found = await page.evaluate(() => [...document.querySelectorAll("svg")].map((svg) => {
        const boxes = (what) => [...svg.querySelectorAll(what)].filter((each) => each.textContent || each.tagName !== "text")
          .map((each) => [each.textContent || each.tagName, each.getBoundingClientRect()]);
        const texts = boxes("text"), marks = boxes("g[aria-label=bar] rect, g[aria-label=dot] > *");
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        return { marks: marks.length, bad: texts.flatMap(([text, box], at) => [...marks, ...texts.slice(at + 1)]
          .filter(([, other]) => meet(box, other)).map(([name]) => `${text} and ${name} in ${svg.getAttribute("aria-label")}`)) };
      }));
      assert.equal(found.length, 4);
      for (const { marks, bad } of found) assert.deepEqual([marks > 0, bad], [true, []], `${viewport.width} wide`);
    }
    return page;
  },

  async "a phone shows it all without scrolling sideways"() {
    const page = await open("#target=cortex-m4&profile=full&flash=128&ram=30&off=alpn", { viewport: PHONE });
    await page.click("#switches summary");
    const wide = await page.evaluate(() => [document.documentElement.scrollWidth > innerWidth ? "the page" : "",
      ...[...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > innerWidth ||
        (each.scrollWidth > each.clientWidth + 1 && each.clientWidth && getComputedStyle(each).display !== "inline" && !each.closest("svg, select, input")))
        .map((each) => `${each.tagName} ${each.id} ${each.textContent.slice(0, 30)}`)].filter(Boolean));
    assert.deepEqual(wide, []);
    const small = await page.evaluate(() => [...document.querySelectorAll("td, th, label, p, text")]
      .filter((each) => each.textContent.trim() && parseFloat(getComputedStyle(each).fontSize) < 11).map((each) => each.textContent));
    assert.deepEqual(small, []);
    await page.screenshot({ path: join(dirname(file), "phone.png"), fullPage: true });
    return page;
  },

  async "all of it by keyboard"() {
    const page = await open("#target=cortex-m4&profile=smallest");
    const focused = () => page.evaluate(() => {
      const each = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(each);
      return { name: each.id || each.value || each.tagName.toLowerCase(), ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 };
    });
    const order = [];
    for (let i = 0; i < BACKENDS.length + 8; i++) {
      await page.keyboard.press("Tab");
      const { name, ring } = await focused();
      assert.ok(ring, `${name} shows that it has the focus`);
      order.push(name);
    }
    assert.deepEqual(order, ["copy-link", "target", "profile", ...BACKENDS, "2048", "clock", "flash", "ram", "summary"]);
    await page.focus("#profile");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.inputValue("#profile"), "client");
    await page.focus(`#backends input[value="${SECOND}"]`);
    await page.keyboard.press("Space");
    assert.deepEqual(Object.keys(await table(page)), BACKENDS.filter((backend) => backend !== SECOND));
    await page.focus("#flash");
    await page.keyboard.type("60.5");
    assert.equal(await page.inputValue("#flash"), "60.5", "typing is not interrupted");
    await page.focus("#switches summary");
    await page.keyboard.press("Enter");
    assert.ok(await page.locator("#switches ul").isVisible());
    const nameless = await page.evaluate(() => [...document.querySelectorAll("input, select, button")].filter((each) =>
      !each.labels?.length && !each.textContent.trim() && !each.getAttribute("aria-label")).map((each) => each.outerHTML));
    assert.deepEqual(nameless, [], "each has a label");
    return page;
  },

  async "text stands out, in light and dark"() {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open("#target=cortex-m4&profile=full&flash=64&ram=20&off=alpn", { colorScheme });
      await page.click("#switches summary");
      const faint = await page.evaluate(() => {
        const parts = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
        const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
          .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
        const behind = (each) => {
          for (; each; each = each.parentElement) {
            const colour = parts(getComputedStyle(each).backgroundColor);
            if (colour.length && (colour[3] ?? 1) > 0) return colour;
          }
          throw new Error("no background");
        };
        return [...document.querySelectorAll("h1, h2, h3, p, td, th, label, small, button, select, code, pre, legend, svg text, span, a")]
          .filter((each) => each.textContent.trim()).map((each) => {
            const style = getComputedStyle(each);
            const [a, b] = [light(parts(each.tagName === "text" ? style.fill : style.color)), light(behind(each))].sort((x, y) => y - x);
            return [(a + 0.05) / (b + 0.05), each.textContent.slice(0, 30)];
          }).filter(([ratio]) => ratio < 4.5);
      });
      assert.deepEqual(faint, [], colorScheme);
      await page.screenshot({ path: join(dirname(file), `${colorScheme}.png`), fullPage: true });
      assert.deepEqual(page.complaints, []);
      await page.close();
    }
    return undefined;
  },
};

let passed = 0, failed = 0;
for (const [name, test] of Object.entries(tests).filter(([each]) => each.includes(filter))) {
  try {
    const page = await test();
    assert.deepEqual(page?.complaints ?? [], [], "errors on the console, or requests");
    await page?.close();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
