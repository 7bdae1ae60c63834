CREATE TABLE "saga_state" (
    "id" BIGSERIAL NOT NULL,
    "saga_id" VARCHAR(100) NOT NULL,
    "saga_type" VARCHAR(50) NOT NULL,
    "current_step" VARCHAR(100) NOT NULL,
    "step_index" INTEGER NOT NULL DEFAULT 0,
    "state" JSONB NOT NULL DEFAULT '{}',
    "status" VARCHAR(30) NOT NULL DEFAULT 'RUNNING',
    "error_message" TEXT,
    "retry_count" INTEGER NOT NULL DEFAULT 0,
    "max_retries" INTEGER NOT NULL DEFAULT 3,
    "timeout_at" TIMESTAMP(3),
    "started_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "completed_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "input" JSONB NOT NULL DEFAULT '{}',
    "definition" VARCHAR(100)[],
    "generation" INTEGER NOT NULL DEFAULT 1,
    "steps_done" INTEGER NOT NULL DEFAULT 0,
    "check_ins" INTEGER NOT NULL DEFAULT 0,
    "ending" VARCHAR(30),
    "reason" TEXT,
    "wait_until" TIMESTAMP(3),
    "idempotency_key" VARCHAR(200),
    "request_hash" VARCHAR(64),
    "subject" VARCHAR(200),

    CONSTRAINT "saga_state_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "saga_step" (
    "saga_id" VARCHAR(100) NOT NULL,
    "step_index" INTEGER NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "status" VARCHAR(30) NOT NULL,
    "output" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "error_message" TEXT,
    "started_at" TIMESTAMP(3),
    "done_at" TIMESTAMP(3),
    "compensation_attempts" INTEGER NOT NULL DEFAULT 0,
    "compensation_error" TEXT,
    "compensated_at" TIMESTAMP(3),

    CONSTRAINT "saga_step_pkey" PRIMARY KEY ("saga_id","step_index")
);

CREATE TABLE "saga_log" (
    "id" BIGSERIAL NOT NULL,
    "saga_id" VARCHAR(100) NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "event" VARCHAR(50) NOT NULL,
    "step" VARCHAR(100),
    "attempt" INTEGER,
    "message" TEXT,
    "actor" VARCHAR(200),

    CONSTRAINT "saga_log_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "saga_signal" (
    "saga_id" VARCHAR(100) NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "signal_id" VARCHAR(200),
    "payload" JSONB NOT NULL,
    "received_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "saga_signal_pkey" PRIMARY KEY ("saga_id","name")
);

CREATE TABLE "operator_task" (
    "id" BIGSERIAL NOT NULL,
    "saga_id" VARCHAR(100) NOT NULL,
    "saga_type" VARCHAR(50) NOT NULL,
    "step" VARCHAR(100) NOT NULL,
    "kind" VARCHAR(30) NOT NULL,
    "status" VARCHAR(20) NOT NULL DEFAULT 'open',
    "message" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "resolution" VARCHAR(20),
    "reason" TEXT,
    "resolved_by" VARCHAR(200),
    "resolved_at" TIMESTAMP(3),

    CONSTRAINT "operator_task_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "key" VARCHAR(300) NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "relayed_at" TIMESTAMP(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "saga_state_saga_id_key" ON "saga_state"("saga_id");

CREATE INDEX "saga_state_type_idx" ON "saga_state"("saga_type", "id");

CREATE INDEX "saga_log_saga_id_id_idx" ON "saga_log"("saga_id", "id");

CREATE INDEX "operator_task_saga_id_idx" ON "operator_task"("saga_id");

CREATE UNIQUE INDEX "outbox_key_key" ON "outbox"("key");

ALTER TABLE "saga_step" ADD CONSTRAINT "saga_step_saga_id_fkey" FOREIGN KEY ("saga_id") REFERENCES "saga_state"("saga_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.

-- Only unfinished sagas are indexed by status, so that the updates of a saga's progress stay HOT: no column that
-- changes between the start and the end of a saga is in an index. `fillfactor` leaves room for them on the page.
ALTER TABLE "saga_state" SET (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX "saga_state_live_idx" ON "saga_state"("id") WHERE "status" IN ('RUNNING', 'COMPENSATING');
CREATE INDEX "saga_state_parked_idx" ON "saga_state"("id") WHERE "status" = 'FAILED';
CREATE INDEX "saga_state_deadline_idx" ON "saga_state"("timeout_at") WHERE "status" = 'RUNNING';
CREATE INDEX "saga_state_completed_at_idx" ON "saga_state"("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE UNIQUE INDEX "saga_state_idempotency_key_key" ON "saga_state"("saga_type", "idempotency_key") WHERE "idempotency_key" IS NOT NULL;
CREATE UNIQUE INDEX "saga_state_subject_key" ON "saga_state"("saga_type", "subject")
  WHERE "subject" IS NOT NULL AND "status" IN ('RUNNING', 'COMPENSATING', 'FAILED');

CREATE INDEX "operator_task_open_idx" ON "operator_task"("id") WHERE "status" = 'open';
CREATE INDEX "outbox_pending_idx" ON "outbox"("id") WHERE "relayed_at" IS NULL;
