-- Sessions of browsers that were ended before their time.
CREATE TABLE "ended_session" (
    "session_id" VARCHAR(40) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ended_session_pkey" PRIMARY KEY ("session_id")
);
