packages/core/test/core.test.ts
