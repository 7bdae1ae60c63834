-- Lists by status and by time, of ended sagas: unfinished ones have their indexes. Neither index has an entry before its
-- saga's end, so that progress updates stay HOT.

-- Few sagas end otherwise than they should, and those are looked for.
CREATE INDEX "saga_state_ended_otherwise_idx" ON "saga_state"("status", "id")
  WHERE "status" IN ('COMPENSATED', 'TIMEOUT', 'CANCELLED', 'ABANDONED');
-- Which ids the sagas of a time have is read of this index alone.
CREATE INDEX "saga_state_ended_started_at_idx" ON "saga_state"("started_at", "id") WHERE "completed_at" IS NOT NULL;
