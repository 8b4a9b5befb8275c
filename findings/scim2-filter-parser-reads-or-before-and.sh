#!/bin/sh
# scim2-filter-parser 0.7.0 gives `and` and `or` one precedence and reads from the left, where RFC 7644, 3.4.2.2, lets
# `and` bind tighter: `a or b and c` is read as `(a or b) and c`, without an error, and so names other people. Seen, the
# operators from the outermost inwards:
#   a eq "1" or b eq "2" and c eq "3": and or
#   a eq "1" or (b eq "2" and c eq "3"): or and
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scim2-filter-parser==0.7.0
seen=$("$folder/venv/bin/python" - <<'PYTHON'
from scim2_filter_parser.ast import LogExpr, flatten
from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser

for text in ('a eq "1" or b eq "2" and c eq "3"', 'a eq "1" or (b eq "2" and c eq "3")'):
    tree = SCIMParser().parse(SCIMLexer().tokenize(text))
    operators = [node.op for _, node in flatten(tree) if isinstance(node, LogExpr)]
    print(f"{text}: {' '.join(operators)}")
PYTHON
)
wanted='a eq "1" or b eq "2" and c eq "3": and or
a eq "1" or (b eq "2" and c eq "3"): or and'
[ "$seen" = "$wanted" ] || { echo "seen now: $seen"; exit 1; }
echo "scim2-filter-parser 0.7.0: or and and have one precedence"
