import { useEffect, useState } from 'react';

/** A value once it has not changed for a while: what somebody has stopped typing. */
export function useSettled<Value>(value: Value, wait_ms: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait_ms);
    return () => clearTimeout(timer);
  }, [value, wait_ms]);
  return settled;
}
