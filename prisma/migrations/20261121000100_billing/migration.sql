CREATE TABLE "plans" (
    "id" VARCHAR(100) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "price" DECIMAL(12,2) NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "plans_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "devices" (
    "id" VARCHAR(100) NOT NULL,
    "status" VARCHAR(30) NOT NULL DEFAULT 'AVAILABLE',
    "allocation_key" VARCHAR(250),
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "devices_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "device_releases" (
    "allocation_key" VARCHAR(250) NOT NULL,
    "released_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "device_releases_pkey" PRIMARY KEY ("allocation_key")
);

CREATE TABLE "orders" (
    "id" VARCHAR(100) NOT NULL,
    "order_number" VARCHAR(50) NOT NULL,
    "user_id" VARCHAR(100) NOT NULL,
    "plan_id" VARCHAR(100) NOT NULL,
    "device_id" VARCHAR(100),
    "amount" DECIMAL(12,2) NOT NULL,
    "status" VARCHAR(30) NOT NULL DEFAULT 'PENDING',
    "creation_key" VARCHAR(250),
    "expires_at" TIMESTAMP(3),
    "paid_at" TIMESTAMP(3),
    "completed_at" TIMESTAMP(3),
    "cancelled_at" TIMESTAMP(3),
    "cancel_reason" TEXT,
    "refunded_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "payments" (
    "id" VARCHAR(100) NOT NULL,
    "order_id" VARCHAR(100) NOT NULL,
    "user_id" VARCHAR(100) NOT NULL,
    "method" VARCHAR(20) NOT NULL,
    "amount" DECIMAL(12,2) NOT NULL,
    "status" VARCHAR(30) NOT NULL DEFAULT 'PENDING',
    "provider_ref" VARCHAR(250),
    "refund_amount" DECIMAL(12,2),
    "refund_reason" TEXT,
    "refunded_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "balances" (
    "user_id" VARCHAR(100) NOT NULL,
    "amount" DECIMAL(12,2) NOT NULL DEFAULT 0,

    CONSTRAINT "balances_pkey" PRIMARY KEY ("user_id")
);

CREATE TABLE "balance_entries" (
    "key" VARCHAR(250) NOT NULL,
    "user_id" VARCHAR(100) NOT NULL,
    "amount" DECIMAL(12,2) NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "balance_entries_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "consumed_events" (
    "key" VARCHAR(300) NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "payload" JSONB NOT NULL,
    "consumed_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "consumed_events_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "notifications" (
    "key" VARCHAR(300) NOT NULL,
    "user_id" VARCHAR(100) NOT NULL,
    "order_id" VARCHAR(100) NOT NULL,
    "message" TEXT NOT NULL,
    "sent_at" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc'::text, now()),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("key")
);

CREATE INDEX "devices_status_id_idx" ON "devices"("status", "id");

CREATE INDEX "payments_order_id_idx" ON "payments"("order_id");

CREATE UNIQUE INDEX "devices_allocation_key_key" ON "devices"("allocation_key");

CREATE UNIQUE INDEX "orders_order_number_key" ON "orders"("order_number");

CREATE UNIQUE INDEX "orders_creation_key_key" ON "orders"("creation_key");

ALTER TABLE "orders" ADD CONSTRAINT "orders_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "payments" ADD CONSTRAINT "payments_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
