-- The saga that was started because a compensation failed for good: until it has ended, it has the task.
ALTER TABLE "operator_task" ADD COLUMN "rescue_saga_id" VARCHAR(100);
CREATE INDEX "operator_task_rescued_idx" ON "operator_task"("rescue_saga_id")
  WHERE "status" = 'open' AND "rescue_saga_id" IS NOT NULL;
