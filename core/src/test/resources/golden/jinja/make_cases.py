"""Renders small templates with the environment that transformers gives chat templates.

Writes cases.json beside this file: for every template its output, or null where Python refuses it.
Made with transformers 5.24, Jinja2 3.1.6, Python 3.11:  python make_cases.py
"""
import json
import pathlib

from transformers.utils.chat_template_utils import _compile_jinja_template

VARIABLES = {
    "name": "Ada", "n": 7, "zero": 0, "f": 2.5, "one": 1.0, "yes": True, "no": False, "nothing": None, "empty": "",
    "text": "  Hello, World \n", "uni": "Grüße 😀 ok", "lines": "a\nb\r\nc\n", "quote": "it's \"q\"",
    "list": [3, 1, 2], "words": ["pear", "Apple", "fig", "apple"], "nested": [[1, 2], [3, [4]]], "none_list": [],
    "d": {"b": 1, "a": [1, 2.0, None, True, "x'y"], "items": "shadow", "k e y": {"z": 0}}, "empty_d": {},
    "people": [{"name": "Bo", "age": 31, "tags": ["x"]}, {"name": "al", "age": 25}, {"name": "Cy", "age": 31, "tags": []}],
    "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}, {"role": "assistant", "content": "A"}],
    "big": 123456789012345678901234567890, "neg": -3, "small": 1e-7, "large": 1e22, "pi": 3.141592653589793,
}

CASES = r'''
{{ name }}
{{ true }} {{ True }} {{ none }} {{ None }} {{ false }}
{{ 1 }} {{ 1.0 }} {{ 1e3 }} {{ 1_000 }} {{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 1.5e-10 }}
{{ small }} {{ large }} {{ 1e16 }} {{ 1e15 }} {{ 123456789.123 }} {{ 0.0001 }} {{ 0.00001 }} {{ -0.0 }}
{{ big }} {{ big + 1 }} {{ big * big }}
{{ d }}
{{ nested }} {{ (1,) }} {{ (1, 2) }} {{ () }} {{ [] }} {{ {} }}
{{ quote }} {{ [quote, "a'b", 'c"d', "\n\t\\"] }}
{{ ["\x00\x7f", "é", "​", "😀"] }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }}
{{ 7.5 // 2 }} {{ -7.5 // 2 }} {{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 1 + 2.0 }} {{ true + 1 }} {{ 3 - true }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ "a" + "b" }} {{ "a" ~ 1 ~ none ~ 2.0 }} {{ "ab" * 3 }} {{ 3 * "ab" }} {{ "x" * -1 }} {{ [1] * 2 }} {{ [1] + [2] }} {{ (1,) + (2,) }}
{{ "a" + 1 }}
{{ [1] + (2,) }}
{{ 1 - "a" }}
{{ "a" * 1.5 }}
{{ -n }} {{ +n }} {{ -f }} {{ --n }} {{ - 2 ** 2 }} {{ 2 ** 3 ** 2 }}
{{ -"a" }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 1 == true }} {{ "1" == 1 }} {{ none == false }} {{ [1, 2] == [1.0, 2] }}
{{ "a" < "b" }} {{ "Z" < "a" }} {{ [1, 2] < [1, 3] }} {{ (1,) < (1, 0) }} {{ "é" > "z" }} {{ "😀" > "" }}
{{ 1 < "a" }}
{{ none < 1 }}
{{ [1] < (1,) }}
{{ d == {"k e y": {"z": 0}, "items": "shadow", "b": 1.0, "a": [1, 2, none, true, "x'y"]} }}
{{ 1 in list }} {{ 9 in list }} {{ 9 not in list }} {{ "el" in "hello" }} {{ "b" in d }} {{ not 1 in list }} {{ 1.0 in list }}
{{ 1 in "abc" }}
{{ 1 in 5 }}
{{ "x" in missing }} {{ missing in [] }}
{{ missing in "abc" }}
{{ 1 and 2 }} {{ 0 and 2 }} {{ 0 or "x" }} {{ "" or none }} {{ not 1 }} {{ not "" }} {{ 1 and 0 or 3 }}
{{ "yes" if yes else "no" }} {{ "yes" if no }}|{{ ("a" if no) is defined }}
{{ ("a" if no).x }}
{{ 1 if no else 2 if no else 3 }}
{{ missing }}|{{ missing is defined }}|{{ missing is undefined }}|{{ missing | default("d") }}|{{ missing or "x" }}
{{ missing.attr }}
{{ missing["a"] }}
{{ missing + 1 }}
{{ missing() }}
{{ "a" + missing }}
{{ "a" ~ missing }}
{{ missing < 1 }}
{{ missing == missing2 }} {{ missing == "" }} {{ missing != none }}
{{ name.missing }}|{{ name.missing is defined }}|{{ d.missing is defined }}|{{ d["missing"] is defined }}
{{ name.missing.more }}
{{ d.a }} {{ d["a"] }} {{ d.items is callable }}
{{ d["items"] }} {{ d.items() | list }}
{{ d.get("b") }} {{ d.get("zz") }} {{ d.get("zz", 5) }} {{ d["k e y"].z }} {{ d.keys() }} {{ d.values() }}
{{ d.items() }}
{{ list[0] }} {{ list[-1] }} {{ list[9] is defined }} {{ list.0 }} {{ name[0] }} {{ uni[6] }} {{ uni[-1] }}
{{ list["a"] is defined }} {{ name["x"] is defined }} {{ list[1.0] is defined }}
{{ list[1:] }} {{ list[:-1] }} {{ list[::-1] }} {{ list[::2] }} {{ name[1:] }} {{ name[::-1] }} {{ uni[5:8] }} {{ list[5:] }} {{ list[-2:] }} {{ list[-9:9] }} {{ (1, 2, 3)[1:] }}
{{ list[2:0:-1] }} {{ list[:1:-1] }} {{ name[none:2] }} {{ range(10)[2:5] }} {{ range(10)[::-3] | list }} {{ range(5)[1] }} {{ range(3)[-1] }}
{{ list[::0] }}
{{ list["a":] }}
{{ d[1:] is defined }}
{{ name.upper() }} {{ name.lower() }} {{ "hello world".title() }} {{ "hELLO".capitalize() }} {{ "aBc".swapcase() }}
{{ "they're bill's".title() }} {{ "straße".upper() }} {{ "ǆ".title() }} {{ "İ".lower() | length }}
[{{ text.strip() }}] [{{ text.lstrip() }}] [{{ text.rstrip() }}] [{{ "xxaxx".strip("x") }}] [{{ "abcba".lstrip("ab") }}] [{{ "abcba".rstrip("ab") }}]
[{{ "  　x ".strip() }}] [{{ "\x1cx\x1f".strip() }}] [{{ "​x".strip() | length }}]
{{ "a b  c".split() }} {{ "a b  c".split(" ") }} {{ "a,b,c".split(",", 1) }} {{ "a,b,c".rsplit(",", 1) }} {{ " a b c ".split(none, 1) }} {{ " a b c ".rsplit(maxsplit=1) }} {{ "".split() }} {{ "".split(",") }}
{{ "a".split("") }}
{{ lines.splitlines() }} {{ lines.splitlines(true) }} {{ "a\x0bb\u2028c".splitlines() }} {{ "\n".splitlines() }}
{{ "abc".startswith("a") }} {{ "abc".startswith(("x", "ab")) }} {{ "abc".endswith("bc") }} {{ "abc".startswith("b", 1) }} {{ "abc".endswith("b", 0, 2) }}
{{ "a-b-a".replace("a", "x") }} {{ "a-b-a".replace("a", "x", 1) }} {{ "ab".replace("", "-") }} {{ "😀b".replace("", "-") }}
{{ "abcabc".find("c") }} {{ "abcabc".rfind("c") }} {{ "abc".find("z") }} {{ "abcabc".index("b", 2) }} {{ "abcabc".count("bc") }} {{ "aaa".count("aa") }} {{ "abc".count("") }} {{ uni.find("ok") }}
{{ "abc".index("z") }}
{{ "-".join(["a", "b"]) }} {{ "-".join("abc") }} {{ "".join([]) }}
{{ "-".join([1]) }}
{{ "prefix-x".removeprefix("prefix-") }} {{ "x.txt".removesuffix(".txt") }} {{ "a=b=c".partition("=") }} {{ "a=b=c".rpartition("=") }} {{ "a".partition("=") }}
{{ "12".isdigit() }} {{ "".isdigit() }} {{ "1.2".isdigit() }} {{ "ab".isalpha() }} {{ "a1".isalnum() }} {{ " ".isspace() }} {{ "AB".isupper() }} {{ "ab1".islower() }} {{ "²".isdigit() }} {{ "½".isnumeric() }} {{ "12".isdecimal() }}
[{{ "a".ljust(4) }}] [{{ "a".rjust(4, ".") }}] [{{ "a".center(4) }}] [{{ "ab".center(5, "*") }}] [{{ "-5".zfill(4) }}] [{{ "abc".center(2) }}]
{{ "{} {}".format(1, "b") }} {{ "{0}{1}{0}".format("a", 2) }} {{ "{x} {y.name}".format(x=1, y=people[0]) }} {{ "{0[1]}".format(list) }} {{ "{{}}".format() }} {{ "{!r}".format("a") }}
{{ "{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}|{:x}|{:e}".format("a", "b", "c", 42, 3.14159, 1234567, 255, 12345.678) }}
{{ "{:+d} {: d} {:.1%} {:*^9} {:g} {:.3} {:10.3f}|{:b}".format(5, 5, 0.256, "mid", 0.00001, "abcdef", pi, 5) }}
{{ "{}".format() }}
{{ "{a}".format(b=1) }}
{{ "%s %d %.2f %5s|%-5s|%05d %x %r %%" % ("a", 3, 2.345, "r", "l", 42, 255, "q") }}
{{ "%(a)s-%(b)s" % {"a": 1, "b": "x"} }} {{ "%s" % 5 }} {{ "%s" % [1, 2] }} {{ "%e %g %G" % (12345.6789, 1e-10, 1e20) }} {{ "%+d % d" % (3, 3) }} {{ "%i" % 3.99 }} {{ "%c" % "x" }} {{ "%.2s" % "abc" }}
{{ "%s %s" % ("a",) }}
{{ "%s" % ("a", "b") }}
{{ "%d" % "a" }}
{{ "%s" % missing }}
{{ "a".nope is defined }} {{ list.nope is defined }}
{{ "a".nope() }}
{{ list.append(1) }}
{{ d.update({"x": 1}) }}
{{ d.pop("b") }}
{{ list.index(2) }} {{ list.count(1) }} {{ (1, 2).index(2) }}
{{ "".__class__ }}
{{ "".__class__.__mro__ }}
{{ [].__len__() }}
{{ list | length }} {{ name | length }} {{ d | length }} {{ missing | length }} {{ uni | length }} {{ list | count }}
{{ 5 | length }}
{{ none | length }}
{{ text | trim }}|{{ "xax" | trim("x") }}|{{ 5 | trim }}|{{ none | trim }}
{{ name | upper }} {{ name | lower }} {{ "hello wORLD" | capitalize }} {{ "hello wORLD-foo (bar) o'neil" | title }} {{ 5 | upper }}
{{ list | join(", ") }} {{ list | join }} {{ people | join("-", attribute="name") }} {{ [none, true, 1.0] | join("|") }} {{ "abc" | join("-") }}
{{ 5 | join }}
{{ missing | default("x") }} {{ empty | default("x") }}|{{ empty | default("x", true) }} {{ none | default("x") }} {{ none | d("x", boolean=true) }} {{ missing | default }}|
{{ list | first }} {{ list | last }} {{ none_list | first is defined }} {{ "abc" | first }} {{ "abc" | last }} {{ d | first }} {{ d | last }} {{ none_list | last }}
{{ list | map("string") | first }}
{{ list | map("string") | last }}
{{ list | sort }} {{ list | sort(reverse=true) }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ people | sort(attribute="age,name") | map(attribute="name") | list }} {{ people | sort(attribute="age") | map(attribute="name") | join(",") }}
{{ [1, "a"] | sort }}
{{ list | reverse | list }} {{ name | reverse }} {{ (1, 2) | reverse | list }} {{ d | reverse | list }}
{{ words | unique | list }} {{ words | unique(case_sensitive=true) | list }} {{ [1, 1.0, true, 2] | unique | list }} {{ people | unique(attribute="age") | map(attribute="name") | list }}
{{ list | min }} {{ list | max }} {{ words | min }} {{ words | max }} {{ none_list | max is defined }} {{ people | max(attribute="age") }}
{{ list | sum }} {{ people | sum(attribute="age") }} {{ [1.5, 2] | sum }} {{ list | sum(start=10) }} {{ [[1], [2]] | sum(start=[]) }}
{{ ["a"] | sum }}
{{ 2.5 | round }} {{ 3.5 | round }} {{ 2.675 | round(2) }} {{ 7 | round }} {{ 2.4 | round(0, "ceil") }} {{ 2.6 | round(0, "floor") }} {{ 42 | round(0, "floor") }} {{ 1234 | round(-2) }} {{ 1250 | round(-2) }} {{ 1.25 | round(1) }} {{ -2.5 | round }}
{{ -3 | abs }} {{ neg | abs }} {{ -2.5 | abs }} {{ true | abs }}
{{ "a" | abs }}
{{ "42" | int }} {{ " 42 " | int }} {{ "42.9" | int }} {{ "x" | int }} {{ "x" | int(7) }} {{ 3.9 | int }} {{ -3.9 | int }} {{ "ff" | int(0, 16) }} {{ "0xff" | int(base=16) }} {{ none | int }} {{ true | int }} {{ "1_000" | int }} {{ "1e3" | int }} {{ "" | int }}
{{ "2.5" | float }} {{ 3 | float }} {{ "x" | float }} {{ "x" | float(1.5) }} {{ "1e3" | float }} {{ "inf" | float }} {{ "nan" | float }} {{ none | float }}
{{ 5 | string + "a" }} {{ none | string }} {{ [1] | string }} {{ 1.0 | string }}
{{ "abc" | list }} {{ d | list }} {{ range(3) | list }} {{ missing | list }} {{ (1, 2) | list }}
{{ 5 | list }}
{{ d | items | list }} {{ missing | items | list }} {{ empty_d | items | list }}
{{ list | items | list }}
{{ {"b": 1, "a": 2, "C": 3} | dictsort }} {{ {"b": 1, "a": 2, "C": 3} | dictsort(true) }} {{ {"b": 1, "a": 2} | dictsort(by="value") }} {{ {"b": 1, "a": 2} | dictsort(reverse=true) }}
{{ list | map("string") | list }} {{ people | map(attribute="name") | list }} {{ people | map(attribute="tags", default="none") | list }} {{ words | map("upper") | join(" ") }} {{ ["a-b"] | map("replace", "-", "+") | list }}
{{ people | map(attribute="tags") | list | length }}
{{ people | map(attribute="tags.0") | list }}
{{ 1 ~ 2 + 3 }}
{{ 1 + 2 ~ 3 }}
{{ nothing[1:] }}
{{ n[1:] }}
{{ missing[1:] }}
{{ list | map(attribute="a") | list }}
{{ words | join(", ", attribute="0") }} {{ d | length }} {{ d | map("upper") | list }} {{ {"a": 1} | map("upper") | list }}
{{ {"a": [1, 2]}["a"][1] }} {{ "abc"[-1:] }} {{ ""[:1] }} {{ "abc"[5:] }}|{{ "abc"[::-2] }}
{{ list | map | list }}
{{ list | map("nope") | list }}
{{ list | select("odd") | list }} {{ list | select(">", 1) | list }} {{ list | reject("odd") | list }} {{ [0, 1, none, "a"] | select | list }} {{ [0, 1] | reject | list }}
{{ people | selectattr("tags") | map(attribute="name") | list }} {{ people | selectattr("age", "gt", 30) | map(attribute="name") | list }} {{ people | rejectattr("tags", "defined") | map(attribute="name") | list }} {{ messages | selectattr("role", "equalto", "user") | list | length }}
{{ messages | selectattr("role", "==", "user") | map(attribute="content") | first }} {{ messages | rejectattr("role", "in", ["user", "system"]) | map(attribute="content") | join }}
{{ none | map("upper") | list }} {{ missing | select | list }}
{{ [1, 2, 3, 4, 5] | batch(2) | list }} {{ [1, 2, 3] | batch(2, "x") | list }} {{ [1, 2, 3, 4, 5] | slice(2) | list }} {{ [1, 2, 3] | slice(2, "x") | list }}
{% for g in people | groupby("age") %}{{ g.grouper }}:{{ g.list | map(attribute="name") | join(",") }};{% endfor %}{% for k, v in words | groupby("0") %}{{ k }}={{ v }} {% endfor %}
{{ "a\nb\n\nc" | indent }}|{{ "a\nb" | indent(2, true) }}|{{ "a\n\nb" | indent(2, blank=true) }}|{{ "a\nb" | indent(">") }}|{{ "a\nb\n" | indent(1) }}|
{{ 5 | indent }}
{{ "hello big world" | truncate(9) }} {{ "hello big world" | truncate(9, true) }} {{ "hello big world" | truncate(11) }} {{ "hello big world" | truncate(9, false, "!", 0) }}
{{ list | truncate(3) }} {{ missing | truncate(3) }}|{{ d | truncate(5) | length }}
{{ 5 | truncate }}
{{ "x" % [1, 2] }} {{ "" % d }} {{ "%s" % [1] }}
{{ "x" % 1 }}
{{ "a b  c-d" | wordcount }} {{ "x" | center(5) }}| {{ "<a&'\">" | e }} {{ "<a>" | escape | escape }} {{ "<a>" | safe }} {{ ("<a>" | safe) + "<b>" }} {{ "<a>" | e | length }} {{ "<" | forceescape }}
{{ "%s-%s" | format(1, "a") }} {{ "%(x)s" | format(x=2) }} {{ name | attr("upper") is defined }} {{ d | attr("b") is defined }}
{{ "a.b" | replace(".", "-") }} {{ 121 | replace(1, 9) }} {{ "aaa" | replace("a", "b", 2) }}
{{ d | tojson }} {{ d | tojson(indent=2) }} {{ [] | tojson(indent=2) }} {{ {} | tojson(indent=4) }} {{ nested | tojson(indent=1) }}
{{ "é😀</\"\\\n\x01\x7f" | tojson }} {{ "é😀" | tojson(ensure_ascii=true) }} {{ {"b": 1, "a": 2} | tojson(sort_keys=true) }} {{ [1, 2] | tojson(separators=(",", ":")) }} {{ {"a": [1, {"b": 2}]} | tojson(separators=(",", ":")) }} {{ {1: 2, none: 3, true: 4, 1.5: 5} | tojson }} {{ (1, 2) | tojson }}
{{ 1.0 | tojson }} {{ 1e22 | tojson }} {{ true | tojson }} {{ none | tojson }} {{ "x" | tojson }} {{ big | tojson }} {{ [1e16, 1e-7, 0.1] | tojson }}
{{ missing | tojson }}
{{ list | map("string") | tojson }}
{{ range(3) | tojson }}
{{ d.items() | tojson }}
{{ 3 is odd }} {{ 3 is even }} {{ 9 is divisibleby(3) }} {{ 9 is divisibleby 4 }} {{ none is none }} {{ n is number }} {{ f is float }} {{ n is integer }} {{ true is integer }} {{ true is number }} {{ true is boolean }} {{ 1 is true }} {{ false is false }}
{{ name is string }} {{ d is mapping }} {{ list is sequence }} {{ name is sequence }} {{ name is iterable }} {{ n is iterable }} {{ d is sequence }} {{ missing is iterable }} {{ missing is sequence }} {{ range is callable }} {{ name is callable }} {{ d.keys() is sequence }}
{{ "abc" is lower }} {{ "ABC" is upper }} {{ "Abc" is lower }} {{ 1 is sameas 1 }} {{ none is sameas none }} {{ true is sameas 1 }} {{ 2 is eq 2 }} {{ 2 is equalto(3) }} {{ 2 is ne 3 }} {{ 2 is gt 1 }} {{ 2 is ge 2 }} {{ 2 is lt 1 }} {{ 2 is le 2 }} {{ 2 is in [1, 2] }} {{ 2 is not in [1, 2] }}
{{ "upper" is filter }} {{ "nope" is filter }} {{ "odd" is test }} {{ 3 is not odd }} {{ not 3 is odd }} {{ x is not defined }} {{ name is defined and n is number }}
{{ 1 is nope }}
{{ 1 | nope }}
{{ "a" is odd }}
{% set x = 1 %}{{ x }}{% set x = x + 1 %}{{ x }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d2) = [3, 4] %}{{ c }}{{ d2 }}{% set t = 1, 2 %}{{ t }}
{% set a, b = [1] %}
{% set x %}block {{ name }}{% endset %}[{{ x }}]{% set y | upper | replace("A", "_") %}abc{% endset %}[{{ y }}]
{% set ns = namespace(a=1, b="x") %}{% set ns.a = ns.a + 1 %}{% set ns.c = 3 %}{{ ns.a }}{{ ns.b }}{{ ns.c }}{{ ns.zz is defined }}{{ ns["a"] }} {{ ns }}
{% set ns = namespace({"a": 1}, b=2) %}{{ ns.a }}{{ ns.b }}
{% set d.x = 1 %}
{% set x = 1 %}{% for i in list %}{% set x = x + i %}{{ x }},{% endfor %}{{ x }}
{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}
{% for i in list %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.first }}/{{ loop.last }}/{{ loop.length }} {% endfor %}
{% for i in list %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {{ loop.previtem is defined }};{% endfor %}
{% for i in list if i > 1 %}{{ i }}:{{ loop.index }}of{{ loop.length }}{{ "," if not loop.last }}{% else %}none{% endfor %}
{% for i in list if i > 9 %}{{ i }}{% else %}none {{ i is defined }}{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }},{% endfor %}
{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for i in 5 %}{% endfor %}
{% for i in none %}{% endfor %}
{% for i in missing %}x{% else %}empty{% endfor %}
{% for c in uni %}{{ c }}|{% endfor %}
{% for i in range(6) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in range(3) %}{% for j in range(3) %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}
{% break %}
{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{{ loop.cycle("a", "b") }} {% endfor %}
{% for item in [{"n": 1, "c": [{"n": 2, "c": []}, {"n": 3, "c": [{"n": 4, "c": []}]}]}] recursive %}{{ loop.depth }}{{ loop.depth0 }}:{{ item.n }}({{ loop(item.c) }}){% endfor %}
{% for i in [1] %}{{ loop([2]) }}{% endfor %}
{% for i in range(3) %}{{ loop }}{% endfor %}
{% for i in list %}{% set loop_i = loop %}{% for j in [1] %}{{ loop_i.index }}{% endfor %}{% endfor %}
{{ loop is defined }}{% for i in [1] %}{% endfor %}{{ i is defined }}
{% for i in list | sort %}{{ i }}{% endfor %}{% for i in list[::-1] %}{{ i }}{% endfor %}{% for i, j in list | map("string") | batch(2, "z") %}{{ i }}{{ j }} {% endfor %}
{% set ns = namespace(found=false) %}{% for i in list if not ns.found %}{{ i }}{% set ns.found = true %}{% endfor %}
{% macro m(a, b=2, c="x") %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, c="z") }}{{ m(b=5, a=4) }}{{ m() }}
{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{% endmacro %}{{ m(z=2) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, "a", k=2) }}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(3) }}
{% macro wrap() %}<{{ caller() }}>{% endmacro %}{% call wrap() %}body {{ name }}{% endcall %}
{% macro each(items) %}{% for i in items %}{{ caller(i, loop.index) }}{% endfor %}{% endmacro %}{% call(x, y) each([7, 8]) %}{{ x }}-{{ y }};{% endcall %}
{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}
{% macro fact(n) %}{{ 1 if n <= 1 else n * (fact(n - 1) | int) }}{% endmacro %}{{ fact(6) }}
{% macro m() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ m() }}{{ m.name }}{{ m.arguments }}{{ m }}
{% set x = 1 %}{% macro m() %}{% set x = 2 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}
{% macro outer() %}{% macro inner(z) %}({{ z }}){% endmacro %}{{ inner(1) }}{% endmacro %}{{ outer() }}
{% filter upper %}abc {{ name }}{% endfilter %}{% filter replace("a", "b") | upper %}aaa{% endfilter %}
{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}
{% set a = 9 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}
{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}
{% raw %}{{ not }} {% if %}{% endraw %}|{%- raw -%}  x  {%- endraw -%}  y
a {# comment #} b{#- tight -#} c
{% if yes %}A{% elif no %}B{% else %}C{% endif %}{% if no %}A{% elif yes %}B{% endif %}{% if no %}x{% else %}y{% endif %}
{% if 1, 2 %}tuple{% endif %}
{{ dict(a=1, b=2) }} {{ dict([("x", 1)], y=2) }} {{ dict({"k": 1}) }} {{ range(3) }} {{ range(1, 10, 3) | list }} {{ range(3, 0, -1) | list }}
{{ range(0) | list }} {{ range(2, 1) | length }}
{{ range(1.5) }}
{{ range(100001) }}
{{ {"a": 1, **d} }}
{{ [1, 2, 3,] }} {{ {"a": 1,} }} {{ (1,) }} {{ dict(a=1,) }}
{{ "a" "b" 'c' }} {{ "a\"b" }} {{ 'a\'b' }} {{ "\u00e9\x41\t|" }} {{ "\q" }}
{{ [1, 2][0] }} {{ {"a": {"b": 1}}.a.b }} {{ "abc"[1] }} {{ (1, 2)[1] }} {{ "x".upper().lower() }}
{{ n.real }} {{ f.is_integer() }} {{ one.is_integer() }}
{{ list is defined and list | length > 2 and "x" }} {{ 1 + 2 * 3 - 4 / 2 }} {{ (1 + 2) * 3 }} {{ -1 | abs }} {{ -n | abs }} {{ 2 * 3 | float }}
{{ 10 - 2 - 3 }} {{ "x" ~ 2 * 3 }} {{ not a == b }} {{ 1 if 1 else 2 ~ 3 }} {{ 5 // 2 * 2 }} {{ 5 % 3 * 2 }}
{% set c = cycler("a", "b") %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set j = joiner("|") %}{{ j() }}x{{ j() }}y{{ j() }}
{% generation %}gen {{ name }}{% endgeneration %}!
{% set q = 1 %}{% generation %}{% set q = 2 %}{{ q }}{% endgeneration %}{{ q }}
{{ raise_exception("stop") }}
{% if no %}{{ raise_exception("stop") }}{% endif %}fine
{{ foo(1) }}
{{ name() }}
{{ d.b() }}
{{ 1 2 }}
{{ }}
{{ (1 }}
{{ [1) }}
{% if %}x{% endif %}
{% if yes %}x
{% endif %}
{% for x list %}{% endfor %}
{% nope %}
{{ "unclosed }}
{# unclosed
{% raw %} unclosed
{% set 1 = 2 %}
{% set true = 2 %}
{% macro m(a=1, b) %}{% endmacro %}
{{ f(a=1, 2) }}
{{ upper("a") }}
{{ name.upper is callable }} {{ name.upper is string }}
{{ 1.real }} {{ 1.5.real }}
{{ messages[0]["role"] }} {{ messages[0].role }} {{ messages[-1].content }} {{ messages[1:] | length }} {{ messages | map(attribute="role") | join(" ") }}
{% set loop_messages = messages[1:] if messages[0].role == "system" else messages %}{% for m in loop_messages %}{% if (m.role == "user") != (loop.index0 % 2 == 0) %}bad{% endif %}{{ m.content }}{% endfor %}
{{ "a" if missing is defined and missing.x else "b" }} {{ (missing | default({})).x is defined }} {{ d.b | default(9) }}
{{ "" ~ [1, "a"] ~ {"k": none} ~ (1,) ~ 2.50 }}
{{ "tab	literal" }} {{ "é" | upper }} {{ "ÀÉ" | lower }} {{ "ß" | capitalize }} {{ "ŉx".capitalize() }}
{{ 1 == 1 == true }} {{ 3 > 2 > 1 }} {{ 1 < 2 in [true] }} {{ 2 in [1, 2] in [true] }}
{{ namespace is defined }} {{ nothing is none }} {{ nothing.x is defined }} {{ nothing["x"] is defined }} {{ n.x is defined }}
{{ nothing.x.y }}
{{ [missing] }} {{ {"a": missing} }} {{ [missing, 1] | join(",") }}
{{ words | map("length") | list }} {{ words | map("first") | join }} {{ [[1, 2], [3]] | map("sum") | list }} {{ [" a "] | map("trim") | list }} {{ ["a"] | map("default", "x") | list }}
{{ "x" in ["x", "y"] and "z" not in d }} {{ "a" in "" }} {{ "" in "abc" }} {{ none in [none] }} {{ [1] in [[1], 2] }}
{{ strftime_now("%Y") | length }} {{ strftime_now("plain %%") }}
{{ [3, 1] | sort == [1, 3] }} {{ ("a", 1) == ["a", 1] }} {{ {"a": 1}.items() | list == [("a", 1)] }}
{{ 5 | default(1) | string | length }} {{ "%.3f" | format(pi) }} {{ "%d%%" % 50 }} {{ 0.1 + 0.2 }} {{ 1e308 * 10 }} {{ 100000000000000000000.0 }} {{ 12345678.9 }} {{ 1/3 }}
{{ "a,b;c" | replace(",", ";") | title }} {{ ["b", "a"] | sort | join }} {{ "abc" | list | reverse | join }}
{{ "aaa bbb ccc ddd eee" | wordwrap(7) }}|{{ "aaa bbb ccc" | wordwrap(7, false) }}|{{ "aaaaaaaaaaaaaaa bb" | wordwrap(7) }}|{{ "aaaaaaaaaaaaaaa bb" | wordwrap(7, break_long_words=false) }}
{{ "aaa bbb ccc ddd eee" | wordwrap(7, wrapstring="<br>") }}|{{ "aa-bb cc-dd-ee ff" | wordwrap(5) }}|{{ "aa-bb cc-dd-ee ff" | wordwrap(5, break_on_hyphens=false) }}
{{ "a\n\nb c d e f g\n h" | wordwrap(3) }}|{{ "  lead  and   inner   spaces  " | wordwrap(10) }}|{{ "x\ty z" | wordwrap(4) }}|{{ "a — b – c" | wordwrap(4) }}
{{ "Grüße 😀 ok Grüße" | wordwrap(6) }}|{{ "hello--world foo-bar" | wordwrap(6) }}|{{ "-leading --opt=1 a-1 1-a" | wordwrap(5) }}|{{ "" | wordwrap }}|{{ uni | wordwrap(3) }}
{{ "x" | wordwrap(0) }}
{{ 5 | wordwrap }}
{{ "<p>Hi <b>there</b></p>\n <!-- c --> x   y &lt;z&gt; &amp; &nbsp;k" | striptags }}|{{ "a < b > c" | striptags }}|{{ "<a" | striptags }}|{{ 5 | striptags }}|{{ none | striptags }}
{{ "<!-- a -->b<!-- c" | striptags }}|{{ "&#65;&#x42;&copy;&eacute;&unknown;&amp;lt;&notit;&notin;&#0;&#x80;&#xD800;&#99999999999;&#1;&#xfffe;" | striptags }}|{{ "<a href='>'>x</a>" | striptags }}
{% set in = 1 %}{{ in }}{% for in in list %}{{ in }}{% endfor %}{% set a, in = 1, 2 %}{{ a }}
{% for a, in list %}{% endfor %}
{% set is = 1 %}x
{% set not = 1 %}x
{% set for = 1 %}{{ for }}{% set set = 2 %}{{ set }}{% set block = 3 %}{{ block }}
{% macro m(in) %}x{% endmacro %}{{ m(1) }}{% set ns = namespace(in=1) %}{{ ns.in }}{% set ns.if = 2 %}{{ ns.if }}
{{ ("a<" | safe).upper() ~ "<" }} {{ ("a<b" | safe).split("<") }} {{ ("a" | safe).replace("a", "<") }} {{ ("a" | safe) | replace("a", "<") }} {{ (" <x> " | safe).strip() + "&" }} {{ ("a<b" | safe).partition("<") }}
{{ ("<" | safe).join(["<", ">", 1]) }} {{ ("{} {x}" | safe).format("<", x="&") }} {{ ("%s %d" | safe) % ("<", 5) }} {{ ("%(a)s" | safe) % {"a": "<"} }} {{ ("%s" | safe) | format("<") }} {{ ("x" | safe) % list }}
{{ ("x" | safe | trim) is escaped }} {{ ("x" | safe | upper) is escaped }} {{ ("x" | safe | indent) is escaped }} {{ ("x" | safe | title) is escaped }} {{ ("x" | safe | wordwrap) is escaped }} {{ ("x" | safe | tojson) is escaped }}
{{ '{"a": ' + ({"b": "<"} | tojson | safe) + "}" }} {{ '{"a": ' ~ ({"b": "<"} | tojson | safe) ~ "}" }} {{ '{"a": ' + ({"b": "<"} | tojson) + "}" }}
{{ "X Y".istitle() }} {{ "X y".istitle() }} {{ "It'S".istitle() }} {{ "1a".istitle() }} {{ "".istitle() }} {{ "a\tb\n\tc".expandtabs(4) }}|{{ "\t".expandtabs() }}|{{ "a\tb".expandtabs(0) }}|{{ "a{b}{c[0]}".format_map({"b": 1, "c": [2]}) }}
{{ " a  b c ".split(none, 1) }} {{ " a  b c ".rsplit(none, 1) }} {{ " a  b c ".split(maxsplit=0) }} {{ " a  b c ".rsplit(maxsplit=0) }} {{ "  ".split() }} {{ "a b c".rsplit() }}
'''.strip("\n").split("\n")

# White space and several lines.
CASES += [
    "{% if yes %}\n  a\n{% endif %}\nb\n",
    "  {% if yes %}  \n  a\n  {% endif %}  \nb\n\n",
    "x  {% if yes %} y {% endif %}  z",
    "  {%- if yes %}\n a {%- endif -%}\n\n b",
    "  {%+ if yes %}a{% endif +%}\nb",
    "  {{ name }}\n  {{- name -}}  \n x",
    "a\n\n{%- set x = 1 -%}\n\nb{{ x }}",
    "  {# c #}\n  x {# d #}\ny {#- e -#} z",
    "\n\n  {% for i in list %}\n    {{ i }}\n  {% endfor %}\nend\n",
    "{% for i in list -%}\n  {{ i }}\n{%- endfor %}\n",
    "\t{% set x = 1 %}\n\t{{ x }}\n",
    "a\r\nb\rc\r\n",
    "{% raw %}\n  {{ x }}\n{% endraw %}\nz",
    "  {% raw %} r {% endraw %} z",
    "{{ 'a\nb' }}{{\n name\n}}",
    "{%\n  set x\n  = 1\n%}{{ x }}",
    "{{ {\n 'a': 1,\n 'b': [1,\n 2]} }}",
    "{% if yes -%} \n  x  \n{%- else -%} y {%- endif %}  ",
    "{{- ' a ' -}} b",
    "a {{- '' }} b {{ '' -}} c",
    "{% set x %}\n  in\n{% endset %}[{{ x }}]",
    "{% macro m() %}\n  body\n{% endmacro %}[{{ m() }}]",
    "{% macro m() -%}\n  body\n{%- endmacro %}[{{ m() }}]",
    "x{% if yes %}\n{% endif %}\ny",
    "x\n{% if yes %}\n\n\n{% endif %}\n\ny\n\n",
    "{% generation %}\n  g\n{% endgeneration %}\nh",
    "{{ '{{' }} {{ '%}' }} {{ \"}}\" }} {% if '%}' %}x{% endif %}",
    "{ { x } } {x} {", "}} %} #}", "{{ '#}' }}{# {{ x }} {% y %} #}z",
    "{%- for m in messages %}\n{%- if loop.first %}{{ '<s>' }}{% endif %}\n    {{- '[' + m.role + ']' }}\n{%- endfor %}\n",
    "", "\n", "\n\n", " ", "x\n",
    "{{ name }}\n", "{% set x = 1 %}\n", "\n{% set x = 1 %}\n\n", "a{% set x = 1 %}  \n b",
    "  {% set x = 1 %}{% set y = 2 %}\n  z", "  x {% set y = 2 %}\n  z", "{{ name }}  {% set y = 2 %}\n  z",
    "\u00a0{% set y = 2 %}\n z", "a \u00a0\n\u2003{%- set y = 2 -%}\u3000 z",
]


def render(template):
    try:
        return _compile_jinja_template(template).render(**VARIABLES)
    except Exception:  # whatever Python says, the template fails
        return None


cases = [{"template": t, "output": render(t)} for t in CASES]
target = pathlib.Path(__file__).with_name("cases.json")
target.write_text(json.dumps({"variables": VARIABLES, "cases": cases}, ensure_ascii=True, indent=1) + "\n")
print(len(cases), "cases,", sum(c["output"] is None for c in cases), "failing")
