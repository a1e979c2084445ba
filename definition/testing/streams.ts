/** Streams for tests: the demo's flights, the replay example's payments, and one with every type and awkward names. */
import type { StreamSchema } from '../model.ts'

export const FLIGHTS: StreamSchema = {
  name: 'flights',
  eventTime: 'event_time',
  fields: [
    { name: 'event_time', type: 'timestamp' },
    { name: 'delay', type: 'int', nullable: true },
    { name: 'distance', type: 'int', nullable: true },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
  ],
}

export const PAY: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double', nullable: true },
    { name: 'shop', type: 'string' },
    { name: 'ts', type: 'timestamp' },
  ],
}

export const ALL_TYPES: StreamSchema = {
  name: 'events',
  eventTime: 'ts',
  fields: [
    { name: 'ts', type: 'timestamp' },
    { name: 'k', type: 'string' },
    { name: 'n', type: 'int' },
    { name: 'i', type: 'int', nullable: true },
    { name: 'd', type: 'double', nullable: true },
    { name: 'm', type: 'decimal(10,2)', nullable: true },
    { name: 's', type: 'string', nullable: true },
    { name: 'b', type: 'boolean', nullable: true },
    { name: 't', type: 'timestamp', nullable: true },
  ],
}

/** What a union of streams with every type looks like. */
export const UNION: StreamSchema = {
  name: 'both',
  eventTime: 'event_time',
  fields: [
    { name: 'k', type: 'string' },
    { name: 'event_time', type: 'timestamp' },
    { name: 'i', type: 'int', nullable: true },
    { name: 'Amount', type: 'decimal(12,2)', nullable: true },
    { name: 's', type: 'string', nullable: true },
    { name: 'd', type: 'double', nullable: true },
    { name: 'b', type: 'boolean', nullable: true },
  ],
}

export const AWKWARD: StreamSchema = {
  name: 'Ereignisse',
  eventTime: 'Zeit',
  fields: [
    { name: 'Zeit', type: 'timestamp' },
    { name: 'CustomerID', type: 'string' },
    { name: 'order', type: 'int', nullable: true },
    { name: '金额', type: 'decimal(15,2)', nullable: true },
    { name: 'with "quotes" and spaces', type: 'string', nullable: true },
    { name: 'a_field_name_that_is_longer_than_the_sixty_three_bytes_that_postgresql_keeps', type: 'double' },
    { name: 'flag', type: 'boolean' },
  ],
}
