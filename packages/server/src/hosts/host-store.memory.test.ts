import { memoryStores } from '../stores.memory.ts'
import { hostStoreContract } from './host-store.contract.ts'

hostStoreContract(async () => memoryStores())
