import { maskUrl, reasonOf } from '../../src/startup-error.ts';

test('a password in a URL is hidden, the rest is shown', () => {
  expect(maskUrl('postgresql://app:s3cret@db.example:5432/shop?schema=billing')).toBe(
    'postgresql://app:***@db.example:5432/shop?schema=billing',
  );
  expect(maskUrl('redis://:s3cret@127.0.0.1:6379/2')).toBe('redis://:***@127.0.0.1:6379/2');
  expect(maskUrl('postgresql://127.0.0.1/shop?password=s3cret')).not.toContain('s3cret');
});

test('what is no URL is not repeated, as it may hold a password', () => {
  expect(maskUrl('app:s3cret@db')).not.toContain('s3cret');
});

test('the reason of an error is one line, also when only its parts say it', () => {
  expect(reasonOf(new Error('first\n  second'))).toBe('first second');
  expect(reasonOf(new AggregateError([new Error('refused ::1'), new Error('refused 127.0.0.1')], ''))).toBe(
    'refused ::1; refused 127.0.0.1',
  );
  expect(reasonOf(new TypeError(''))).toBe('TypeError');
});
