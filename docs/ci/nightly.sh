#!/bin/sh
# From cron, in the folder of the project:  17 5 * * *  cd evals && ./nightly.sh you@example.invalid
evalbench run --quiet --gate baseline.json --max-age 12h --max-spend 2 >gate.log 2>&1
code=$?
case $code in
  0) ;;
  1) mail -s "evalbench: a task got worse" "$1" <gate.log ;;
  *) mail -s "evalbench: not checked (exit $code)" "$1" <gate.log ;;
esac
exit $code
