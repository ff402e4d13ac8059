"""Which builds a switch's cost needs, and how the cost is computed."""

import unittest

import size_page
import switch_costs

BACKEND = switch_costs.BACKENDS[-1]
SWITCHES = {switch.short: switch for switch in switch_costs.switches()}


def row(base, changes, image, ram=100):
    return {"target": "cortex-m4", "backend": BACKEND, "profile": base, "changes": changes, "image": image,
            "static_ram": ram, "heap_peak": 10, "stack": 5}


class Variants(unittest.TestCase):
    def test_each_switch_is_turned_over(self):
        self.assertEqual(switch_costs.turned_over(SWITCHES["alpn"], "full"), {"alpn": False})
        self.assertEqual(switch_costs.turned_over(SWITCHES["alpn"], "smallest"), {"alpn": True})
        self.assertEqual(switch_costs.turned_over(SWITCHES["key_log"], "full"), {"key_log": True}, "for hosts: off in firmware")

    def test_with_what_it_needs_and_what_needs_it(self):
        self.assertEqual(switch_costs.turned_over(SWITCHES["x25519mlkem768"], "smallest"),
                         {"x25519mlkem768": True, "tls1_3": True, "x25519": True})
        self.assertEqual(switch_costs.turned_over(SWITCHES["verification"], "full"),
                         {"verification": False, "pins": False, "verify_callback": False})
        self.assertEqual(switch_costs.turned_over(SWITCHES["verification"], "smallest"), {"verification": False})
        without_certificates = switch_costs.turned_over(SWITCHES["certificates"], "full")
        self.assertIs(without_certificates["pins"], False, "needs verification, which needs certificates")

    def test_without_certificates_there_are_keys(self):
        self.assertEqual(switch_costs.turned_over(SWITCHES["certificates"], "smallest"),
                         {"certificates": False, "verification": False, "psk": True})
        self.assertNotIn("certificates", [next(iter(changes), "") for changes in switch_costs.variants([], "smallest")])

    def test_what_a_library_cannot_is_not_built(self):
        without = switch_costs.variants([], "smallest")
        self.assertIn({"psk": True}, switch_costs.variants(["psk"], "smallest"))
        self.assertNotIn({"psk": True}, without)
        self.assertIn({"locks": True}, switch_costs.variants([], "full"), "no library is asked")
        self.assertEqual([changes for changes in without if not changes], [{}])

    def test_every_switch_has_a_price_or_a_reason(self):
        options = {row.short for row in switch_costs.table() if row.section == switch_costs.OPTIONS and row.is_boolean and row.name}
        self.assertEqual(options - set(SWITCHES), set(switch_costs.LEFT_OUT))


class Costs(unittest.TestCase):
    ROWS = [row("full", {}, 1000), row("full", {"alpn": False}, 940, ram=92), row("smallest", {}, 500),
            row("smallest", {"alpn": True}, 570), row("smallest", {"small_code": False}, 650),
            row("full", {"verification": False, "pins": False, "verify_callback": False}, 800)]

    def test_on_less_off(self):
        known = {switch_costs.key_of(each): each for each in self.ROWS}
        for base, switch, flash, ram in [("full", "alpn", 60, 8), ("smallest", "alpn", 70, 0), ("smallest", "small_code", -150, 0)]:
            key = ("cortex-m4", BACKEND, base, switch)
            self.assertEqual((switch_costs.cost(known, key, "image"), switch_costs.cost(known, key, "RAM")), (flash, ram))
        self.assertIsNone(switch_costs.cost(known, ("cortex-m4", BACKEND, "full", "psk"), "image"))

    def test_table(self):
        text = switch_costs.markdown(self.ROWS, {BACKEND: ["alpn", "rsa"]})
        self.assertIn(f"| switch | in `full`, {BACKEND} | in `smallest`, {BACKEND} |\n", text)
        self.assertIn("| `alpn` | 60 / 8 | 70 / 0 |\n", text)
        self.assertIn("| `rsa` |  |  |\n", text, "not measured")
        self.assertIn("| `psk` | – | – |\n", text, "not in this library")
        self.assertIn("| `verification` | 200 / 0 * |  |\n", text, "with what needs it")


class Page(unittest.TestCase):
    def test_data_has_what_the_page_asks_for(self):
        data = size_page.data()
        self.assertEqual(set(data["targets"]), {row["target"] for row in data["images"]})
        self.assertLessEqual({row["profile"] for row in data["images"]}, {*data["profiles"], "unverified", "16K-records", "short"})
        self.assertEqual([each["name"] for each in data["table"]], list(SWITCHES))
        self.assertTrue(all(len(each["on"]) == len(data["profiles"]) for each in data["table"]))
