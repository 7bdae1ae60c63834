ALTER TABLE "saga_state" ADD COLUMN "cleared" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "outbox" ADD COLUMN "consumed_at" TIMESTAMP(3);
-- What was relayed before this is taken for consumed: nobody counted then.
UPDATE "outbox" SET "consumed_at" = "relayed_at";
CREATE INDEX "outbox_unconsumed_idx" ON "outbox"("id") WHERE "consumed_at" IS NULL AND "relayed_at" IS NOT NULL;

ALTER TABLE "saga_step" ADD COLUMN "compensation_check_ins" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "compensation_answers" INTEGER NOT NULL DEFAULT 0;

-- The reconciler looks at sagas that should move. Those that wait for an answer are left alone until their time is up or
-- their answer is there, however many they are. `wait_until` changes twice a waiting step, and then only.
CREATE INDEX "saga_state_awake_idx" ON "saga_state"("id")
  WHERE "status" IN ('RUNNING', 'COMPENSATING') AND "wait_until" IS NULL;
CREATE INDEX "saga_state_asleep_idx" ON "saga_state"("wait_until")
  WHERE "status" IN ('RUNNING', 'COMPENSATING') AND "wait_until" IS NOT NULL;
