-- What people did, and when. It outlives the sagas it is about.
CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "actor" VARCHAR(200) NOT NULL,
    "action" VARCHAR(30) NOT NULL,
    "saga_id" VARCHAR(100),
    "step" VARCHAR(100),
    "task_id" BIGINT,
    "detail" TEXT,
    "reason" TEXT,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "audit_entry_saga_id_idx" ON "audit_entry"("saga_id");
CREATE INDEX "audit_entry_actor_id_idx" ON "audit_entry"("actor", "id");

-- Append-only: entries are not changed, and go only when the cleaner says that they are too old.
CREATE FUNCTION "audit_entry_is_kept"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('backstep.audit_cleanup', true) = 'on' THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "audit_entry_is_kept" BEFORE UPDATE OR DELETE ON "audit_entry"
  FOR EACH ROW EXECUTE FUNCTION "audit_entry_is_kept"();

-- Tasks that ask for the same are answered together. Those that were opened before have no fingerprint: each is a group.
ALTER TABLE "operator_task" ADD COLUMN "fingerprint" VARCHAR(32) NOT NULL DEFAULT '';
CREATE INDEX "operator_task_group_idx" ON "operator_task"("fingerprint", "id") WHERE "status" = 'open';
UPDATE "operator_task" SET "resolution" = 'abandon' WHERE "resolution" = 'acknowledged';

CREATE TABLE "group_retry" (
    "id" BIGSERIAL NOT NULL,
    "fingerprint" VARCHAR(32) NOT NULL,
    "last_task_id" BIGINT NOT NULL,
    "cursor" BIGINT NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL,
    "retried" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "actor" VARCHAR(200) NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),
    "finished_at" TIMESTAMP(3),

    CONSTRAINT "group_retry_pkey" PRIMARY KEY ("id")
);
-- At most one under way for a group.
CREATE UNIQUE INDEX "group_retry_running_key" ON "group_retry"("fingerprint") WHERE "finished_at" IS NULL;
