CREATE TABLE "orders" ("id" SERIAL PRIMARY KEY, "sku" TEXT NOT NULL, "status" TEXT NOT NULL DEFAULT 'RESERVED');
CREATE TABLE "outbox" ("id" SERIAL PRIMARY KEY, "text" TEXT NOT NULL);
CREATE TABLE "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('1', '', '20250101000000_orders', now());
