-- Where a saga's trace goes on, when its flow is built anew.
ALTER TABLE "saga_state" ADD COLUMN "trace_parent" VARCHAR(55);
