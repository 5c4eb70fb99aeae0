import { type DecimalOperation, inDecimal } from "../values/big-decimal.ts";
import { integerText, toFloat, toInteger } from "../values/cast.ts";
import { exact, type Float } from "../values/numbers.ts";
import { display } from "../values/print.ts";
import { type GoFunction, pure, table } from "./define.ts";

/** Numbers, as in sprig: values are converted, and what is no number counts as 0. */
export const sprigNumbers = table(
  pure("int(value any) int", "the value as an int", toInteger),
  pure("int64(value any) int64", "the value as an int64", toInteger),
  pure("float64(value any) float64", "the value as a float64", toFloat),
  pure(
    "toDecimal(value any) int64",
    "the number that octal digits stand for",
    (value) => integerText(display(value), 8) ?? 0,
  ),
  pure("add1(value any) int64", "the value + 1", (value) => exact(toInteger(value) + 1)),
  pure("max(value any, others ...any) int64", "the largest integer", (...values) =>
    Math.max(...values.map(toInteger)),
  ),
  pure("biggest(value any, others ...any) int64", "max", (...values) =>
    Math.max(...values.map(toInteger)),
  ),
  pure("min(value any, others ...any) int64", "the smallest integer", (...values) =>
    Math.min(...values.map(toInteger)),
  ),
  pure("maxf(value any, others ...any) float64", "the largest number", (...values) =>
    Math.max(...values.map(toFloat)),
  ),
  pure("minf(value any, others ...any) float64", "the smallest number", (...values) =>
    Math.min(...values.map(toFloat)),
  ),
  pure("floor(value any) float64", "the number rounded down", (value) =>
    Math.floor(toFloat(value)),
  ),
  pure("ceil(value any) float64", "the number rounded up", (value) => Math.ceil(toFloat(value))),
  pure(
    "round(value any, decimals int, half ...float64) float64",
    "the number rounded to this many decimals",
    round,
  ),
  pure("add1f(value any) float64", "the value + 1", (value) =>
    inDecimal("add", [toFloat(value), 1]),
  ),
  pure("addf(values ...any) float64", "the sum", (...values) =>
    inDecimal("add", [0, ...values.map(toFloat)]),
  ),
  decimal("subf", "the value - the others", "subtract"),
  decimal("mulf", "the product", "multiply"),
  decimal("divf", "the value ÷ the others", "divide"),
);

function decimal(name: string, returns: string, operation: DecimalOperation): GoFunction {
  return pure(`${name}(value any, others ...any) float64`, returns, (...values) =>
    inDecimal(operation, values.map(toFloat)),
  );
}

function round(value: unknown, decimals: number, half?: Float): number {
  const power = 10 ** decimals;
  const scaled = power * toFloat(value);
  const fraction = scaled - Math.trunc(scaled);
  const isUp = fraction >= (half?.value ?? 0.5);
  return (isUp ? Math.ceil(scaled) : Math.floor(scaled)) / power;
}
